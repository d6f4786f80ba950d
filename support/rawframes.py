"""A WebSocket client that sends raw bytes, and reads the answers frame by frame."""

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
PATIENCE_SECONDS = 20.0
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


MASK = b"\xa5\x5a\x0f\xf0"


def frame(
    payload: bytes = b"",
    opcode: int = TEXT,
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    length: bytes | None = None,
) -> bytes:
    """One frame (RFC 6455, 5.2). `mask` None: unmasked. `length`: the encoded length, instead of the true one."""
    size = len(payload)
    if length is None:
        short = size if size < 126 else 126 if size < 65_536 else 127
        length = bytes([short]) + (b"" if size < 126 else struct.pack("!H" if size < 65_536 else "!Q", size))
    head = bytes([final << 7 | reserved << 4 | opcode, length[0] | (0x80 if mask is not None else 0)]) + length[1:]
    if mask is None:
        return head + payload
    whole = (mask * (size // 4 + 1))[:size]
    return head + mask + (int.from_bytes(payload) ^ int.from_bytes(whole)).to_bytes(size)


def closing(code: int, reason: bytes = b"") -> bytes:
    return frame(struct.pack("!H", code) + reason, CLOSE)


class Heard(NamedTuple):
    opcode: int
    payload: bytes
    reserved: int = 0

    @property
    def code(self) -> int | None:
        """The close code, of a close frame that has one."""
        return int.from_bytes(self.payload[:2]) if self.opcode == CLOSE and self.payload else None


class RawSocket:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader = reader
        self.writer = writer
        # The answer to the handshake, up to the empty line.
        self.head = head

    async def send(self, data: bytes) -> None:
        with suppress(OSError):
            self.writer.write(data)
            await self.writer.drain()

    async def next(self) -> Heard | None:
        """The next frame; None at the end of the connection."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                first, size = await self._reader.readexactly(2)
                assert not size & 0x80, "a server does not mask its frames"
                if size >= 126:
                    size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8))
                payload = await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return Heard(first & 0x0F, payload, first >> 4 & 0x7)

    async def hear(self, *wanted: Callable[["Heard"], bool]) -> list[Heard]:
        """The frames until each of these has arrived, or the connection has ended."""
        heard: list[Heard] = []
        missing = list(wanted)
        while missing and (one := await self.next()) is not None:
            heard.append(one)
            missing = [wish for wish in missing if not wish(one)]
        return heard

    async def ending(self) -> list[Heard]:
        """The frames until the end of the connection."""
        return await self.hear(lambda _: False)


@asynccontextmanager
async def raw_socket(
    port: int, path: str, *, token: str = "", headers: Mapping[str, str] | None = None
) -> AsyncGenerator[RawSocket]:
    """Do the handshake, with these headers instead of the usual ones."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = {"Host": f"127.0.0.1:{port}"} | (HANDSHAKE if headers is None else dict(headers))
    if token:
        lines["Authorization"] = f"Bearer {token}"
    try:
        request = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
        writer.write(f"GET {path} HTTP/1.1\r\n{request}\r\n".encode())
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        yield RawSocket(reader, writer, head)
    finally:
        writer.transport.abort()
