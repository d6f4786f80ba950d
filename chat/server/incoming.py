"""A parser for clients' frames (RFC 6455), shared by the socket classes for daphne and uvicorn.

The two libraries refuse different frames with different codes, do not limit the fragments of a message, and one of them
copies its whole buffer for each frame.
"""

import codecs
import struct
import time
import zlib
from enum import IntEnum
from typing import Any, NamedTuple

from chat.live.rate_limits import TokenBucket
from chat.protocol.errors import Close

# Largest message in bytes after inflating. A message between CHAT_FRAME_MAX_BYTES and this gets an error, and the
# socket stays open.
MESSAGE_BYTES = 1024 * 1024
# Frames of one message: enough for the largest message in fragments of 1 KB.
MESSAGE_FRAMES = 1024
# Seconds from the first byte of a message to its last: enough for 64 KiB at 2 KB/s.
MESSAGE_SECONDS = 30.0
# Pings and pongs of one socket. A client's keepalive sends one every few seconds.
CONTROLS_AT_ONCE = 300
CONTROLS_PER_SECOND = 50
# Bytes read in one step of the loop: 700 of the smallest frames, 2 ms.
READ_BYTES = 4 * 1024
# After the close frame of a failed socket, input is read and dropped for this many seconds and bytes: if the connection
# were closed at once, the reset would discard the close frame at the client.
LINGER_SECONDS = 2.0
LINGER_BYTES = 4 * MESSAGE_BYTES
LINGER_READ_BYTES = 64 * 1024


# Sec-WebSocket-Version; a handshake for another version is refused with 426 (section 4.4).
VERSION = "13"


class Opcode(IntEnum):
    """Frame types (RFC 6455, section 5.2)."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_OPCODES = frozenset(Opcode)
_CONTROL = 0x8
_FINAL = 0x80
_MASKED = 0x80
_RESERVED = 0x70
_COMPRESSED = 0x40
# Codes allowed in a close frame (section 7.4, and IANA's registry).
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})
# A pong without a payload, before its mask.
_EMPTY_PONG = b"\x8a\x80"
# The end of a deflated message, which is not transmitted (RFC 7692, section 7.2.2).
_DEFLATE_TAIL = b"\x00\x00\xff\xff"


class Breach(IntEnum):
    """Close codes for failing a socket (RFC 6455, section 7.4.1)."""

    PROTOCOL = 1002
    TEXT = 1007
    POLICY = 1008
    SIZE = 1009


class Violation(Exception):
    """Raised when the socket must be failed: send a close frame with `code` and `reason`, and read no more."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = int(code)
        self.reason = reason


class Arrived(NamedTuple):
    """A received message or control frame: `data` is a str for TEXT, and bytes for the other opcodes."""

    opcode: int
    data: Any


class Inflater:
    """Decompresses permessage-deflate (RFC 7692) for one socket, within a size limit."""

    def __init__(self, *, window_bits: int, takeover: bool) -> None:
        self._window_bits = window_bits
        self._takeover = takeover
        self._zlib = zlib.decompressobj(-window_bits)

    def inflate(self, data: bytes, room: int) -> bytes:
        """Decompress part of a message.

        Raises:
            Violation: when the result exceeds `room` bytes, or `data` is not deflated.
        """
        try:
            plain = self._zlib.decompress(data, room + 1)
        except zlib.error:
            raise Violation(Breach.TEXT, "The message cannot be inflated.") from None
        if len(plain) > room:
            raise _too_large()
        return plain

    def end(self, room: int) -> bytes:
        """Decompress the end of a message; raises as `inflate`."""
        plain = self.inflate(_DEFLATE_TAIL, room)
        if not self._takeover:
            self._zlib = zlib.decompressobj(-self._window_bits)
        return plain


class Incoming:
    """Parses frames into messages: `feed` it received bytes, `take` complete messages. No I/O."""

    __slots__ = (
        "_buffer",
        "_compressed",
        "_control",
        "_controls",
        "_counted",
        "_decoder",
        "_final",
        "_frames",
        "_inflater",
        "_kind",
        "_left",
        "_mask",
        "_message",
        "_messages_taken",
        "_opcode",
        "_position",
        "_since",
    )

    def __init__(self, inflater: Inflater | None = None) -> None:
        self._inflater = inflater
        self._buffer = b""
        # Index of the next byte in the buffer.
        self._position = 0
        # Opcode of the frame whose payload is being read; -1 between two frames.
        self._opcode = -1
        self._final = False
        self._left = 0
        self._mask = b""
        self._control = b""
        # Opcode of the message being read; -1 between two messages.
        self._kind = -1
        self._frames = 0
        self._compressed = False
        self._message: bytearray | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._controls: TokenBucket | None = None
        self._messages_taken = 0
        self._since: float | None = None
        self._counted = 0

    @property
    def unfinished(self) -> bool:
        """Whether the input so far ends in the middle of a frame or message."""
        return self._kind >= 0 or self._opcode >= 0 or self._position < len(self._buffer)

    def is_answer(self, data: bytes) -> bool:
        """Return whether the bytes read are just the reply to a ping: an empty pong between two messages, which needs
        no parsing. Idle sockets send nothing else."""
        return len(data) == 6 and data.startswith(_EMPTY_PONG) and not self.unfinished

    def overdue(self, now: float) -> bool:
        """Return whether the current message has taken longer than MESSAGE_SECONDS; call it every few seconds."""
        if not self.unfinished:
            self._since = None
            return False
        if self._since is None or self._counted != self._messages_taken:
            self._since, self._counted = now, self._messages_taken
        return now - self._since > MESSAGE_SECONDS

    def restart_timer(self) -> None:
        """Restart the time of the current message: the server was not reading, so the client is not late."""
        self._since = None

    def feed(self, data: bytes) -> None:
        """Append received bytes."""
        self._buffer = self._buffer[self._position :] + data if self._position < len(self._buffer) else data
        self._position = 0

    def take(self) -> Arrived | None:
        """Return the next message, ping, pong or close; None until more is fed.

        Raises:
            Violation: nothing may be taken afterwards.
        """
        while self._opcode >= 0 or self._head():
            part = self._payload()
            arrived = self._take_control(part) if self._opcode & _CONTROL else self._take_data(part)
            if self._left:
                return None
            self._opcode = -1
            if arrived is not None:
                # Control frames in the middle of a message do not restart its time.
                self._messages_taken += self._kind < 0
                return arrived
        return None

    def _head(self) -> bool:
        """Parse the next frame's header; False while it is incomplete."""
        buffer, at = self._buffer, self._position
        have = len(buffer) - at
        if have < 2:
            return False
        first, second = buffer[at], buffer[at + 1]
        opcode, length = first & 0x0F, second & 0x7F
        self._check(first, second, opcode, length)
        size = 6 if length < 126 else 8 if length == 126 else 14
        if have < size:
            return False
        if length == 126:
            (length,) = struct.unpack_from("!H", buffer, at + 2)
            shortest = 126
        elif length == 127:
            (length,) = struct.unpack_from("!Q", buffer, at + 2)
            shortest = 65_536
        else:
            shortest = 0
        if length < shortest or length >> 63:
            raise Violation(Breach.PROTOCOL, "The length is not written as the protocol says.")
        if not opcode & _CONTROL:
            self._begin(opcode, compressed=bool(first & _COMPRESSED))
            if length + len(self._message or b"") > MESSAGE_BYTES:
                raise _too_large()
        self._opcode, self._final, self._left = opcode, bool(first & _FINAL), length
        self._position = at + size
        self._mask = buffer[self._position - 4 : self._position]
        return True

    def _check(self, first: int, second: int, opcode: int, length: int) -> None:
        """Check the first two bytes of a header (sections 5.2 to 5.5)."""
        if reserved := first & _RESERVED:
            begins = opcode in (Opcode.TEXT, Opcode.BINARY)
            if reserved != _COMPRESSED or self._inflater is None or not begins:
                raise Violation(Breach.PROTOCOL, "Reserved bits are set.")
        if opcode not in _OPCODES:
            raise Violation(Breach.PROTOCOL, "The opcode is reserved.")
        if not second & _MASKED:
            raise Violation(Breach.PROTOCOL, "A client masks its frames.")
        if opcode & _CONTROL:
            if not first & _FINAL:
                raise Violation(Breach.PROTOCOL, "A control frame is not fragmented.")
            if length > 125:
                raise Violation(Breach.PROTOCOL, "A control frame has at most 125 bytes.")
            if opcode == Opcode.CLOSE and length == 1:
                raise Violation(Breach.PROTOCOL, "A close code has two bytes.")
        elif opcode == Opcode.CONTINUATION and self._kind < 0:
            raise Violation(Breach.PROTOCOL, "There is no message to continue.")
        elif opcode != Opcode.CONTINUATION and self._kind >= 0:
            raise Violation(Breach.PROTOCOL, "The message before has not ended.")

    def _begin(self, opcode: int, *, compressed: bool) -> None:
        if opcode != Opcode.CONTINUATION:
            self._kind, self._compressed, self._frames = opcode, compressed, 0
        self._frames += 1
        if self._frames > MESSAGE_FRAMES:
            raise Violation(Breach.POLICY, f"A message has at most {MESSAGE_FRAMES} frames.")

    def _payload(self) -> bytes:
        """Take the available part of the frame's payload, unmasked."""
        at = self._position
        part = self._buffer[at : at + self._left]
        size = len(part)
        if not size:
            return b""
        self._position = at + size
        self._left -= size
        mask = self._mask
        if self._left and (turned := size % 4):
            self._mask = mask[turned:] + mask[:turned]
        whole = (mask * (size // 4 + 1))[:size]
        return (int.from_bytes(part) ^ int.from_bytes(whole)).to_bytes(size)

    def _take_data(self, part: bytes) -> Arrived | None:
        ended = self._final and not self._left
        if self._compressed:
            part = self._inflate(part, ended=ended)
        message = self._message
        if ended and message is None:
            # The common case: a message in one frame that was read at once.
            payload = part
        else:
            if message is None:
                message = self._message = bytearray()
            message += part
            if self._kind == Opcode.TEXT:
                # Fail as soon as invalid UTF-8 is known (section 8.1).
                self._validate(part, ended=ended)
            if not ended:
                return None
            payload = bytes(message)
        kind = self._kind
        self._kind, self._message, self._decoder = -1, None, None
        if kind == Opcode.BINARY:
            return Arrived(kind, payload)
        try:
            return Arrived(kind, payload.decode())
        except UnicodeDecodeError:
            raise _no_text() from None

    def _inflate(self, part: bytes, *, ended: bool) -> bytes:
        inflater = self._inflater
        assert inflater is not None
        room = MESSAGE_BYTES - len(self._message or b"")
        part = inflater.inflate(part, room)
        return part + inflater.end(room - len(part)) if ended else part

    def _validate(self, part: bytes, *, ended: bool) -> None:
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            self._decoder.decode(part, ended)
        except UnicodeDecodeError:
            raise _no_text() from None

    def _take_control(self, part: bytes) -> Arrived | None:
        self._control += part
        if self._left:
            return None
        payload, self._control = self._control, b""
        if self._opcode == Opcode.CLOSE:
            _check_close(payload)
        else:
            self._count_control()
        return Arrived(self._opcode, payload)

    def _count_control(self) -> None:
        now = time.monotonic()
        if self._controls is None:
            self._controls = TokenBucket(CONTROLS_AT_ONCE, CONTROLS_AT_ONCE / CONTROLS_PER_SECOND, now)
        if self._controls.take(now):
            raise Violation(Close.FLOODING, "Too many pings or pongs.")


def _check_close(payload: bytes) -> None:
    """Check the payload of a close frame (RFC 6455, sections 5.5.1 and 7.4)."""
    if not payload:
        return
    (code,) = struct.unpack_from("!H", payload)
    if code not in _CLOSE_CODES:
        raise Violation(Breach.PROTOCOL, "There is no such close code.")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise Violation(Breach.TEXT, "A reason is UTF-8.") from None


def late() -> Violation:
    """Return the violation of an overdue message."""
    return Violation(Breach.POLICY, f"A message arrives within {MESSAGE_SECONDS:.0f} seconds.")


def _too_large() -> Violation:
    return Violation(Breach.SIZE, f"A message has at most {MESSAGE_BYTES} bytes.")


def _no_text() -> Violation:
    return Violation(Breach.TEXT, "A text is UTF-8.")
