"""Django's database sessions; only valid keys are queried."""

import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from chat.identity.credentials import is_session_key


class SessionStore(DatabaseSessionStore):
    """The session engine of this project."""

    def _validate_session_key(self, key: str | None) -> bool:
        valid: bool = super()._validate_session_key(key)  # type: ignore[misc]  # not in the stubs
        return valid and is_session_key(str(key))

    def load(self) -> dict[str, Any]:
        """The data of the session, signed again after a change of SECRET_KEY."""
        data: dict[str, Any] = super().load()
        if settings.SECRET_KEY_FALLBACKS and SESSION_KEY in data:
            self._renew(data, get_user_model().objects.filter(pk=int(data[SESSION_KEY])).first())
        return data

    async def aload(self) -> dict[str, Any]:
        """As `load`."""
        data: dict[str, Any] = await super().aload()
        if settings.SECRET_KEY_FALLBACKS and SESSION_KEY in data:
            self._renew(data, await get_user_model().objects.filter(pk=int(data[SESSION_KEY])).afirst())
        return data

    def _renew(self, data: dict[str, Any], user: Any) -> None:
        """Sign the session again, keeping its key, if one of SECRET_KEY_FALLBACKS signed it. Django's `get_user` would
        change the key, and so sign out the user's other windows, and every device in the session list when allauth
        checks it."""
        signed = str(data.get(HASH_SESSION_KEY, ""))
        if user and any(hmac.compare_digest(signed, one) for one in user.get_session_auth_fallback_hash()):
            data[HASH_SESSION_KEY] = user.get_session_auth_hash()
            # The middleware saves it with the response.
            self.modified = True
