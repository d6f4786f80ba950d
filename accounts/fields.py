"""Model fields for text that people type and others read."""

from typing import Any

from django.db import models

from accounts.oneline import tidy
from accounts.validators import validate_line


class LineField(models.CharField):  # type: ignore[type-arg]  # Django's own take no type when they run
    """One line of visible text, stored in its normal form; see `accounts.oneline`."""

    default_validators = [validate_line]

    def to_python(self, value: Any) -> Any:
        """The text in its normal form."""
        text = super().to_python(value)
        return text if text is None else tidy(text)

    def get_prep_value(self, value: Any) -> Any:
        """The text in its normal form."""
        text = super().get_prep_value(value)
        return tidy(text) if isinstance(text, str) else text
