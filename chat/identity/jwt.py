"""Short-lived JSON web tokens (RFC 7519) for programs: one algorithm, one key, and a way to revoke them."""

import hmac
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chat.models import Participant

LIFETIME = timedelta(hours=1)
# Tolerated difference between the clocks of two server machines.
CLOCK_SKEW = timedelta(seconds=10)
_ALGORITHM = "HS256"
# Other parts of the server sign with the secret key too: with a derived key, their signatures are not valid here.
_SALT = "chat.identity.jwt"


class Claims(NamedTuple):
    """The content of a token with a valid signature. `generation` decides whether it was revoked."""

    user_id: int
    expires_at: datetime
    generation: str

    @property
    def key(self) -> str:
        """All claims in one string, to check their validity again later."""
        return f"{self.user_id}:{int(self.expires_at.timestamp())}:{self.generation}"

    @classmethod
    def from_key(cls, key: str) -> "Claims":
        """Return the claims of such a string."""
        user_id, expiry, generation = key.split(":")
        return cls(int(user_id), datetime.fromtimestamp(int(expiry), UTC), generation)


def issue(user: Participant) -> str:
    """Return a new token of this user."""
    now = timezone.now()
    return jwt.encode(
        {"sub": str(user.pk), "iat": now, "exp": now + LIFETIME, "gen": generation(user)},
        _key(),
        algorithm=_ALGORITHM,
    )


def read(token: str) -> Claims | None:
    """Return the claims of a token that this server signed and that has not expired, else None."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        with suppress(jwt.InvalidTokenError, ValueError, OverflowError):
            claims = jwt.decode(
                token,
                _key(secret),
                algorithms=[_ALGORITHM],
                leeway=CLOCK_SKEW,
                options={"require": ["sub", "iat", "exp", "gen"]},
            )
            return Claims(int(claims["sub"]), datetime.fromtimestamp(claims["exp"], UTC), str(claims["gen"]))
    return None


def generation(user: Participant) -> str:
    """Return a value that changes with the password and with every sign-out everywhere, and reveals neither."""
    return _generation(_auth_hash(user), settings.SECRET_KEY)


def is_current(claims: Claims, user: Participant) -> bool:
    """Return whether the token was issued after the last change of the password and the last sign-out everywhere."""
    known = [
        generation(user),
        # The session hash and the value derived from it use the same key.
        *map(_generation, _fallback_hashes(user), settings.SECRET_KEY_FALLBACKS),
    ]
    return any(hmac.compare_digest(claims.generation, one) for one in known)


def _auth_hash(user: Participant) -> str:
    """Return the hash of the login's sessions. Without a login, a token ends only after its hour."""
    return user.user.get_session_auth_hash() if user.user else ""


def _fallback_hashes(user: Participant) -> list[str]:
    return (
        list(user.user.get_session_auth_fallback_hash()) if user.user else ["" for _ in settings.SECRET_KEY_FALLBACKS]
    )


def _generation(auth_hash: str, secret: str) -> str:
    return salted_hmac("chat.identity.jwt.generation", auth_hash, secret=secret, algorithm="sha256").hexdigest()[:16]


def _key(secret: str | None = None) -> bytes:
    return salted_hmac(_SALT, "key", secret=secret, algorithm="sha256").digest()
