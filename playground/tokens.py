"""JSON web tokens of the servers that know their clients (RFC 7519, HS256)."""

from datetime import timedelta
from typing import Any

import jwt
from django.utils import timezone
from django.utils.crypto import salted_hmac

ALGORITHM = "HS256"
LIFETIME = timedelta(hours=1)


def key(server: str, secret: str | None) -> bytes:
    """What a server signs with: the secret it was given, else one made of SECRET_KEY, the same on every process."""
    return secret.encode() if secret else salted_hmac(f"playground.{server}", "key", algorithm="sha256").digest()


def encode(claims: dict[str, Any], signing_key: bytes) -> str:
    return jwt.encode({**claims, "exp": timezone.now() + LIFETIME}, signing_key, algorithm=ALGORITHM)


def decode(token: str, signing_key: bytes, *, require: list[str]) -> dict[str, Any]:
    """The claims of a token; raises jwt.InvalidTokenError with the reason."""
    return dict(jwt.decode(token, signing_key, algorithms=[ALGORITHM], options={"require": require}))
