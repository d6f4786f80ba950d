"""Encrypts values with a secret that only their owner knows: no one else with access to the store can read or forge
them."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.fernet import Fernet, InvalidToken


def seal(value: Any, *, secret: str, purpose: str) -> str:
    """Encrypt a JSON value for the same secret and purpose. The secret must have at least 128 random bits."""
    return _fernet(secret, purpose).encrypt(json.dumps(value).encode()).decode()


def unseal(sealed: object, *, secret: str, purpose: str) -> Any:
    """Return the value that was sealed, or None for anything else."""
    try:
        return json.loads(_fernet(secret, purpose).decrypt(str(sealed)))
    except (InvalidToken, ValueError):
        return None


def _fernet(secret: str, purpose: str) -> Fernet:
    key = hmac.digest(secret.encode(errors="replace"), purpose.encode(), hashlib.sha256)
    return Fernet(urlsafe_b64encode(key))
