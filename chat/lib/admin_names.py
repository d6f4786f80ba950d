"""Translated names of models and fields in the admin."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


def translate_names(app: AppConfig) -> None:
    """Make the names that Django derives from class and field names translatable; `bin/words` extracts the same names.

    Done here because a `verbose_name` for each field would repeat its name and appear in migrations.
    """
    for model in app.get_models():
        meta = model._meta
        meta.verbose_name = gettext_lazy(str(meta.verbose_name))
        meta.verbose_name_plural = gettext_lazy(str(meta.verbose_name_plural))
        for field in meta.local_fields:
            if getattr(field, "_verbose_name", None) is None:
                field.verbose_name = gettext_lazy(str(field.verbose_name))
