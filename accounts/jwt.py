"""Short-lived JSON web tokens for programs. One algorithm, one key, and a way to end them early."""

import hmac
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User

LIFETIME = timedelta(hours=1)
# How far the clocks of two machines that serve together may be apart.
CLOCK_SKEW = timedelta(seconds=10)
_ALGORITHM = "HS256"
# Other parts of the server sign with the secret key too: a key of our own keeps their signatures from passing here.
_SALT = "accounts.jwt"


class Claims(NamedTuple):
    """What a token with a good signature says. Whether it still counts is `generation`'s word."""

    user_id: int
    expires_at: datetime
    generation: str

    @property
    def key(self) -> str:
        """All of it in one string, to ask again later whether it still counts."""
        return f"{self.user_id}:{int(self.expires_at.timestamp())}:{self.generation}"

    @classmethod
    def from_key(cls, key: str) -> "Claims":
        user_id, expiry, generation = key.split(":")
        return cls(int(user_id), datetime.fromtimestamp(int(expiry), UTC), generation)


def issue(user: User) -> str:
    now = timezone.now()
    return jwt.encode(
        {"sub": str(user.pk), "iat": now, "exp": now + LIFETIME, "gen": generation(user)},
        _key(),
        algorithm=_ALGORITHM,
    )


def read(token: str) -> Claims | None:
    """The claims of a token we signed that has not expired, else None."""
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


def generation(user: User) -> str:
    """Changes with the password and with every sign-out everywhere; reveals nothing about either."""
    return _generation(user.get_session_auth_hash(), settings.SECRET_KEY)


def is_current(claims: Claims, user: User) -> bool:
    """Was nothing of what `generation` stands for changed since the token was issued?"""
    known = [
        generation(user),
        # The hash and what was made of it were signed with the same key.
        *map(_generation, user.get_session_auth_fallback_hash(), settings.SECRET_KEY_FALLBACKS),
    ]
    return any(hmac.compare_digest(claims.generation, one) for one in known)


def _generation(auth_hash: str, secret: str) -> str:
    return salted_hmac("accounts.jwt.generation", auth_hash, secret=secret, algorithm="sha256").hexdigest()[:16]


def _key(secret: str | None = None) -> bytes:
    return salted_hmac(_SALT, "key", secret=secret, algorithm="sha256").digest()
