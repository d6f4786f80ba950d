"""A socket that follows no rule, written by hand: no library would send this."""

import asyncio
import json
import os
import random
import struct
from collections.abc import Callable
from contextlib import suppress

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA
_FINAL = 0x80


def frame(payload: bytes, opcode: int = TEXT, *, final: bool = True, masked: bool = True) -> bytes:
    """One frame as it goes over the wire; the mask is all zeros, which is allowed."""
    size = len(payload)
    mask_bit = 0x80 if masked else 0
    head = bytes([(_FINAL if final else 0) | opcode])
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 65536:
        head += bytes([mask_bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", size)
    return head + (b"\0\0\0\0" if masked else b"") + payload


def hostile_frame(chance: random.Random) -> bytes:
    """A frame that a server must survive: most get an error as the answer, one in a hundred ends the connection."""
    return chance.choice(_FATAL if chance.random() < 0.01 else _KINDS)(chance)


def _command(**fields: object) -> bytes:
    return frame(json.dumps(fields).encode())


def _surprise(chance: random.Random) -> object:
    values: list[object] = [None, True, -1, 1e308, 10**30, "", "\0", [], {}, [[]], "x" * 300, {"type": "ping"}]
    return chance.choice(values)


_TYPES = [
    "chat_message",
    "typing",
    "read",
    "mark_unread",
    "history",
    "resume",
    "join_room",
    "command",
    "react",
    "draft",
    "remove_preview",
    "pin",
    "versions",
    "forward",
    "pin_move",
    "save",
    "edit_message",
    "thread_read",
    "follow",
    "threads",
    "ping",
]
_FIELDS = [
    *("room", "message", "client_id", "seq", "emoji", "before", "after", "epoch", "rooms", "request_id", "command"),
    *("thread", "in_room", "filter", "to_room"),
    "text",
]


def _wrong_fields(chance: random.Random) -> bytes:
    fields = {name: _surprise(chance) for name in chance.sample(_FIELDS, 4)}
    return _command(type=chance.choice(_TYPES), **fields)


_KINDS: list[Callable[[random.Random], bytes]] = [
    *[_wrong_fields] * 5,
    lambda chance: frame(chance.randbytes(chance.randint(0, 200)), BINARY),
    lambda chance: frame(chance.choice([b"", b"nul", b"{", b'"', b"[]", b"NaN", b'{"type": NaN}', b"1e999"])),
    lambda chance: frame(b"[" * chance.randint(1, 60_000)),
    lambda chance: frame(b'{"a":' * chance.randint(1, 10_000)),
    lambda chance: frame(b"{" + b",".join(b'"%d":0' % n for n in range(chance.randint(1, 5000))) + b"}"),
    lambda chance: frame(b'{"type": "read", "room": "lobby", "seq": ' + b"9" * chance.randint(1, 5000) + b"}"),
    lambda chance: frame(b'{"type": "ping", "request_id": "\\ud800"}'),
    lambda chance: frame(b'{"type": "chat_message", "message": "\\ud83d\\u0000"}'),
    lambda chance: frame(b'{"type": "resume", "epoch": "x", "rooms": {"lobby": -1, "\\u0000": 2}}'),
    lambda chance: frame(b"", PING) + frame(os.urandom(100), PONG),
    lambda chance: frame(b'{"type":', final=False) + frame(b"?", PING) + frame(b'"ping"}', CONTINUATION),
]
_FATAL: list[Callable[[random.Random], bytes]] = [
    lambda chance: frame(b"\xff\xfe" + chance.randbytes(20)),  # not UTF-8
    lambda chance: frame(b"lost", CONTINUATION),  # continues no message
    lambda chance: frame(b"x" * 200, PING),  # control frames have at most 125 bytes
    lambda chance: frame(b"?", 0x5),  # no such opcode
    lambda chance: frame(b"{}", masked=False),
    lambda chance: frame(b"\x03", CLOSE),  # half a code
    lambda chance: b"\x81\xff" + struct.pack("!Q", 2**62),  # a length beyond the data
]


class HostileSocket:
    """A socket that is opened correctly, and misused from then on."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._reading = asyncio.create_task(self._read(reader))
        self._heard = asyncio.Event()
        self._awaited = b""
        self.sent = 0

    @classmethod
    async def open(cls, port: int, *, token: str, room: str) -> "HostileSocket":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = [
            f"GET /ws/chat/{room}/ HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Authorization: Bearer {token}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head:
            raise AssertionError(f"the handshake was refused: {head!r}")
        return cls(reader, writer)

    async def understood(self) -> bool:
        """Wait until the server has read everything so far; False when it has ended the connection."""
        self._awaited = b"read until %d" % self.sent
        self._heard.clear()
        await self.send(frame(self._awaited, PING))
        hearing = asyncio.create_task(self._heard.wait())
        done, _ = await asyncio.wait({hearing, self._reading}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        hearing.cancel()
        if not done:
            raise AssertionError("the server does not answer a ping")
        return not self._reading.done()

    async def send(self, data: bytes) -> None:
        self.sent += 1
        if self._writer.is_closing():
            return
        with suppress(OSError):
            self._writer.write(data)
            await self._writer.drain()

    async def leave(self, *, truncated: bool) -> None:
        """Leave in the middle of a frame, or after a proper close."""
        if truncated:
            await self.send(frame(b"x" * 1000)[:500])
        else:
            await self.send(frame(b"\x03\xe8", CLOSE))
            await asyncio.wait([self._reading], timeout=10)
        self._writer.transport.abort()
        self._reading.cancel()
        await asyncio.wait([self._reading])

    async def _read(self, reader: asyncio.StreamReader) -> None:
        seen = b""
        with suppress(OSError):
            while data := await reader.read(65536):
                seen = seen[-100:] + data
                if self._awaited and self._awaited in seen:
                    self._heard.set()
