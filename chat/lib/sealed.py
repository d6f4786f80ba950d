"""Values under a secret that only their owner knows: who reads where they are kept reads nothing, and can make none."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.fernet import Fernet, InvalidToken


def seal(value: Any, *, secret: str, purpose: str) -> str:
    """The value, of JSON, as text that the same secret and purpose open. The secret has at least 128 random bits."""
    return _fernet(secret, purpose).encrypt(json.dumps(value).encode()).decode()


def unseal(sealed: object, *, secret: str, purpose: str) -> Any:
    """What was sealed, or None for anything else."""
    try:
        return json.loads(_fernet(secret, purpose).decrypt(str(sealed)))
    except (InvalidToken, ValueError):
        return None


def _fernet(secret: str, purpose: str) -> Fernet:
    key = hmac.digest(secret.encode(errors="replace"), purpose.encode(), hashlib.sha256)
    return Fernet(urlsafe_b64encode(key))
