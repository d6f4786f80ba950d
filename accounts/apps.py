from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from chat.lib.admin_names import translate_names


class AccountsConfig(AppConfig):
    """The app, with its receivers and translated names."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Connect the receivers."""
        from accounts import receivers  # noqa: F401 -- importing connects them

        translate_names(self)
