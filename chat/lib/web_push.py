"""Web Push: keys, encryption and headers of one message (RFC 8030, 8291, 8292). No I/O.

A message is encrypted for one subscription, so that the push service cannot read its text or room.
"""

import hashlib
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chat.lib.push_keys import BadKey, bytes_of, is_private_key, text_of

# A push service may refuse a signature that is valid for more than a day (RFC 8292, 2).
_SIGNED_SECONDS = 12 * 3600
# Seconds for which messages to one push service carry the same signature: a new one takes 0.1 ms.
_REUSED_SECONDS = 600
# Maximum text of a message. A body may have 4,096 bytes (RFC 8030, 7.2), of which encryption adds 103; one service
# delivers no more than 3,070 to phones.
TEXT_MAX_BYTES = 2_900


@lru_cache(16)
def _private(key: str) -> ec.EllipticCurvePrivateKey:
    if not is_private_key(key):
        raise BadKey("must be 32 bytes of base64url, a private key on P-256")
    return ec.derive_private_key(int.from_bytes(bytes_of(key), "big"), ec.SECP256R1())


@lru_cache(16)
def public_key(private_key: str) -> str:
    """Return the public key of a private key: 65 bytes, uncompressed, as base64url.

    Raises:
        BadKey: it is not a private key.
    """
    point = _private(private_key).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return text_of(point)


@dataclass(frozen=True, slots=True)
class Recipient:
    """The keys of a subscription, as the browser sent them."""

    p256dh: str
    auth: str

    def check(self) -> None:
        """Refuse keys that cannot be used for encryption.

        Raises:
            BadKey: the point is not on the curve, or a length is wrong.
        """
        if len(bytes_of(self.auth)) != 16:
            raise BadKey("auth must be 16 bytes of base64url")
        point = bytes_of(self.p256dh)
        try:
            if len(point) != 65:
                raise ValueError
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise BadKey("p256dh must be a public key on P-256, 65 bytes of base64url") from None


def encrypt(text: bytes, recipient: Recipient) -> bytes:
    """Return the encrypted body of a message (aes128gcm), with a key of its own.

    Raises:
        BadKey: see `Recipient.check`.
    """
    try:
        return bytes(
            http_ece.encrypt(
                text,
                private_key=ec.generate_private_key(ec.SECP256R1()),
                dh=bytes_of(recipient.p256dh),
                auth_secret=bytes_of(recipient.auth),
                version="aes128gcm",
            )
        )
    except ValueError as error:
        raise BadKey("cannot be encrypted for") from error


def headers(
    endpoint: str, *, private_key: str, contact: str, ttl: int, urgency: str, topic: str | None
) -> dict[str, str]:
    """Return the headers of a message.

    Args:
        contact: `sub` of the signature: where the push service may complain; empty: none.
        ttl: seconds for which the push service keeps the message.
        urgency: `very-low`, `low`, `normal` or `high`.
        topic: a later message with the same topic replaces an undelivered one.
    """
    parts = urlsplit(endpoint)
    now = int(time.time())
    signed = _signature(f"{parts.scheme}://{parts.netloc}", private_key, contact, now - now % _REUSED_SECONDS)
    made = {
        "Authorization": f"vapid t={signed}, k={public_key(private_key)}",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(ttl),
        "Urgency": urgency,
    }
    return made | ({"Topic": topic} if topic else {})


@lru_cache(256)
def _signature(origin: str, private_key: str, contact: str, signed_at: int) -> str:
    """The signature for one push service: valid for several messages (RFC 8292, 2.1), but for no other service."""
    claims = {"aud": origin, "exp": signed_at + _SIGNED_SECONDS} | ({"sub": contact} if contact else {})
    return jwt.encode(claims, _private(private_key), algorithm="ES256")


def topic_of(name: str, secret: str) -> str:
    """Return a topic of 32 characters that reveals nothing about `name` to the push service."""
    return text_of(hashlib.blake2b(name.encode(), digest_size=24, key=secret.encode()[:64]).digest())


def payload(facts: dict[str, Any], *, cut: str = "body") -> bytes:
    """Encode `facts` as JSON within TEXT_MAX_BYTES: the field `cut` is shortened by whole characters at its end."""
    made = _json(facts)
    while len(made) > TEXT_MAX_BYTES and facts.get(cut):
        raw = facts[cut].rstrip("…").encode()
        escaped = len(_json({cut: facts[cut]}))
        # Escapes make the JSON longer than the text: cut in proportion, and one character more each time.
        size = len(raw) * max(escaped - (len(made) - TEXT_MAX_BYTES), 0) // escaped - 4
        kept = raw[: max(size, 0)].decode(errors="ignore")
        facts = {**facts, cut: kept + "…" if kept else ""}
        made = _json(facts)
    return made


def _json(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
