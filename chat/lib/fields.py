"""Model fields for one-line text that people type and others read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from chat.lib.oneline import is_one_line, is_visible, tidy


def validate_line(value: str) -> None:
    """Raise ValidationError unless the text is one visible line, or empty: see `chat.lib.oneline`."""
    if value and not is_one_line(value):
        raise ValidationError(_("Use only letters, digits, punctuation, symbols and spaces."))
    if value and not is_visible(value):
        raise ValidationError(_("Use at least one character that can be seen."))


class LineField(models.CharField):  # type: ignore[type-arg]  # Django's own take no type when they run
    """One line of visible text, stored in its normal form; see `chat.lib.oneline`."""

    default_validators = [validate_line]

    def to_python(self, value: Any) -> Any:
        """Return the text in its normal form."""
        text = super().to_python(value)
        return text if text is None else tidy(text)

    def get_prep_value(self, value: Any) -> Any:
        """Return the text in its normal form."""
        text = super().get_prep_value(value)
        return tidy(text) if isinstance(text, str) else text
