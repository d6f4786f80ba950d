"""WebSocket frames as bytes (RFC 6455, section 5.2), encoded once for all sockets."""

import struct
from collections.abc import Sequence

# First byte of an unfragmented text frame.
FINAL_TEXT = 0x81
# A ping without a payload.
PING = b"\x89\x00"
FINAL_PONG = 0x8A


class Frames:
    """Caches the last encoded frames: a room's events are written to one socket after the other."""

    def __init__(self) -> None:
        self._texts: Sequence[str] = ()
        self._frames = b""

    def of(self, texts: Sequence[str]) -> bytes:
        """Return the unmasked, uncompressed frames of `texts`, one frame per text."""
        if texts != self._texts:
            self._frames = b"".join(map(_frame, texts))
            self._texts = texts
        return self._frames


def _frame(text: str) -> bytes:
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((FINAL_TEXT, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", FINAL_TEXT, 126, size) + payload
    return struct.pack("!BBQ", FINAL_TEXT, 127, size) + payload


def pong(payload: bytes) -> bytes:
    """Return a pong frame with the ping's `payload`, of at most 125 bytes."""
    return bytes((FINAL_PONG, len(payload))) + payload
