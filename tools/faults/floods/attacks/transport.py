"""What a connection accepts below the application: control frames, fragments, bodies, answers that are not read."""

import asyncio
import itertools
import re
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from support.rawframes import HANDSHAKE
from tools.faults.floods.target import Target
from tools.faults.hostile import CONTINUATION, PING, frame

BODY_BYTES = 150 * 1024 * 1024
PIECE = b"x" * 64 * 1024


async def unread_pings(target: Target) -> None:
    """Pings are sent and no answer is read, on four sockets."""
    pings = frame(b"", PING) * 500

    async def flood() -> None:
        async with _unread_socket(target) as writer:
            await _push(target, writer, pings, "pings", 500)

    await target.beside(4, flood)


async def endless_fragments(target: Target) -> None:
    """One message in fragments of a byte that never ends, on four sockets."""
    first, more = frame(b"{", final=False), frame(b" ", CONTINUATION, final=False) * 500

    async def flood() -> None:
        async with _unread_socket(target) as writer:
            writer.write(first)
            await _push(target, writer, more, "fragments", 500)

    await target.beside(4, flood)


async def unfinished_messages(target: Target) -> None:
    """Sockets keep a message of almost 1 MiB unfinished."""

    async def hold() -> None:
        async with _unread_socket(target) as writer:
            writer.write(b"\x81\xff" + struct.pack("!Q", 1024 * 1024) + bytes(4) + b" " * 1_000_000)
            await writer.drain()
            target.count["messages"] += 1
            await asyncio.sleep(target.left)

    await target.beside(6, hold)


async def large_bodies(target: Target) -> None:
    """Bodies of 150 MB, with their length said and in chunks, on four connections."""
    heads = itertools.cycle((f"Content-Length: {BODY_BYTES}", "Transfer-Encoding: chunked"))

    async def post() -> None:
        async with target.tcp() as (_, writer):
            head = next(heads)
            writer.write(f"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
            piece = PIECE if "Length" in head else b"%x\r\n%b\r\n" % (len(PIECE), PIECE)
            await _push(target, writer, piece, "pieces", 1)

    await target.beside(4, post)


async def unread_files(target: Target) -> None:
    """Static files are asked for by hundreds in one connection, and none is read, on four connections."""
    async with target.tcp() as (reader, writer):
        writer.write(b"GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        files = re.findall(rb'"(/static/[^"]+)"', await reader.read(2**20))
    asks = b"".join(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path for path in files * 20)

    async def ask() -> None:
        async with target.tcp() as (reader, writer):
            # Nothing is read, not even by the library.
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            await _push(target, writer, asks, "files", len(files) * 20)

    await target.beside(4, ask)


@asynccontextmanager
async def _unread_socket(target: Target) -> AsyncGenerator[asyncio.StreamWriter]:
    async with target.tcp() as (reader, writer):
        host = urlsplit(target.url).netloc
        lines = {"Host": host, "Authorization": f"Bearer {target.tokens['hugo']}"} | HANDSHAKE
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"GET /ws/chat/{target.room}/ HTTP/1.1\r\n{head}\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in answer:
            raise EOFError
        target.count["sockets"] += 1
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        yield writer


async def _push(target: Target, writer: asyncio.StreamWriter, data: bytes, name: str, number: int) -> None:
    while target.running:
        writer.write(data)
        # Waits while the server does not read; `beside` ends the wait.
        await writer.drain()
        target.count[name] += number
