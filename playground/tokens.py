"""JSON Web Tokens (RFC 7519, HS256) of the servers that identify their clients."""

from datetime import timedelta
from typing import Any

import jwt
from django.utils import timezone
from django.utils.crypto import salted_hmac

ALGORITHM = "HS256"
LIFETIME = timedelta(hours=1)


def key(server: str, secret: str | None) -> bytes:
    """The signing key of a server: its `secret`, else one derived from SECRET_KEY, the same in every process."""
    return secret.encode() if secret else salted_hmac(f"playground.{server}", "key", algorithm="sha256").digest()


def encode(claims: dict[str, Any], signing_key: bytes) -> str:
    """A token with `claims` that expires after LIFETIME."""
    return jwt.encode({**claims, "exp": timezone.now() + LIFETIME}, signing_key, algorithm=ALGORITHM)


def decode(token: str, signing_key: bytes, *, require: list[str]) -> dict[str, Any]:
    """Return the claims of a token.

    Raises:
        jwt.InvalidTokenError: with the reason, also when a claim of `require` is missing.
    """
    return dict(jwt.decode(token, signing_key, algorithms=[ALGORITHM], options={"require": require}))
