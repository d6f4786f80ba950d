from types import ModuleType

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from chat import conf
from chat.lib.admin_names import translate_names


class ChatConfig(AppConfig):
    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    verbose_name = _("Chat")

    def __init__(self, app_name: str, app_module: ModuleType | None) -> None:
        super().__init__(app_name, app_module)
        # Before any module that reads settings as it is imported.
        conf.alone_with_its_label()
        conf.apply()

    def ready(self) -> None:
        from chat import (
            checks,  # noqa: F401 -- importing registers them
            receivers,  # noqa: F401 -- importing connects them
        )
        from chat.services import owners  # noqa: F401 -- importing connects what a closed account leaves behind

        translate_names(self)
