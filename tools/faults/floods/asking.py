"""HTTP over one persistent connection, so that an attack costs its own process little."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.faults.floods.target import Target


@dataclass
class Asking:
    """`async with target.tcp() as streams: asking = Asking(target, *streams)`; each answer is counted by its status."""

    target: Target
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Send one request, and read and discard the response; returns the status."""
        lines = {"Host": "localhost", "Connection": "keep-alive"} | dict(headers or {})
        content = b""
        if name:
            lines["Authorization"] = f"Bearer {self.target.tokens[name]}"
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            lines = {"Content-Type": "application/json"} | lines
        if content or method != "GET":
            lines["Content-Length"] = str(len(content))
        head = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + content)
        await self.writer.drain()
        return await self._answer()

    async def _answer(self) -> int:
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head.split(b" ", 2)[1])
        self.target.count[f"HTTP {status}"] += 1
        if b"transfer-encoding: chunked" in head:
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readuntil(b"\r\n")
        elif b"content-length: " in head:
            size = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
            await self.reader.readexactly(size)
        if b"connection: close" in head:
            raise EOFError
        return status
