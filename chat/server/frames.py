"""WebSocket frames as bytes (RFC 6455, 5.2), made once for all sockets that they go to."""

import struct
from collections.abc import Sequence

# First byte of an unfragmented text frame.
FINAL_TEXT = 0x81
# A ping that says nothing.
PING = b"\x89\x00"
FINAL_PONG = 0x8A


class Frames:
    """The last ones are kept: a room's events go to one socket after the other."""

    def __init__(self) -> None:
        self._texts: Sequence[str] = ()
        self._frames = b""

    def of(self, texts: Sequence[str]) -> bytes:
        """A frame for each text, to be written as they are."""
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
    """The answer to a ping with this payload, of at most 125 bytes."""
    return bytes((FINAL_PONG, len(payload))) + payload
