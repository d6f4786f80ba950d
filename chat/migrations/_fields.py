"""Fields that only earlier migrations have."""

from typing import Any

from django.db import models


class TokensField(models.TextField):  # type: ignore[type-arg]
    """Tokens with spaces between: text on SQLite, a `tsvector` without positions on PostgreSQL."""

    def db_type(self, connection: Any) -> str:
        """The column's type."""
        return "tsvector" if connection.vendor == "postgresql" else "text"
