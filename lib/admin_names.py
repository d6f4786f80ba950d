"""What models and fields are called in the administration, in the reader's language."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


def translate_names(app: AppConfig) -> None:
    """Look up the names that Django makes of class and field names; `bin/words` finds them in the same way.

    Here and not beside each field, where every name would stand twice and in a migration.
    """
    for model in app.get_models():
        meta = model._meta
        meta.verbose_name = gettext_lazy(str(meta.verbose_name))
        meta.verbose_name_plural = gettext_lazy(str(meta.verbose_name_plural))
        for field in meta.local_fields:
            if getattr(field, "_verbose_name", None) is None:
                field.verbose_name = gettext_lazy(str(field.verbose_name))
