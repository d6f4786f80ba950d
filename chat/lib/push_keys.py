"""Web Push keys as text: base64url without padding. Does not import cryptography, so that settings can use it."""

import base64
import binascii
import hashlib
import secrets

# The order of P-256: a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class BadKey(ValueError):
    """Raised for invalid keys; the text says what is wrong."""


def bytes_of(text: str) -> bytes:
    """Decode base64url, with or without padding.

    Raises:
        BadKey: it is something else.
    """
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare.encode() + b"=" * (-len(bare) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("must be base64url") from None


def text_of(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_private_key() -> str:
    """Create a private key: 32 bytes as base64url."""
    return text_of((secrets.randbelow(_ORDER - 1) + 1).to_bytes(32, "big"))


def is_private_key(text: str) -> bool:
    """Whether `text` is a valid private key."""
    try:
        data = bytes_of(text)
    except BadKey:
        return False
    return len(data) == 32 and 0 < int.from_bytes(data, "big") < _ORDER


def derived_private_key(secret: str) -> str:
    """Derive the private key from this secret: it is the same in every process, and stored nowhere."""
    digest = hashlib.blake2b(secret.encode(), digest_size=48, person=b"web push key").digest()
    return text_of((int.from_bytes(digest, "big") % (_ORDER - 1) + 1).to_bytes(32, "big"))
