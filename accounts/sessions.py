"""Django's sessions in the database, asked for by keys only that can be keys."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore


def is_session_key(key: str) -> bool:
    """PostgreSQL refuses a text with NUL in it, so a forged cookie would otherwise end in a server error."""
    return key.isascii() and key.isalnum()


class SessionStore(DatabaseSessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        valid: bool = super()._validate_session_key(key)  # type: ignore[misc]  # not in the stubs
        return valid and is_session_key(str(key))
