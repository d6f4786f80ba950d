"""Uploads that are begun and abandoned."""

import asyncio

from tools.faults.floods.asking import Asking
from tools.faults.floods.target import Target

# The size that each upload announces; 1,000 of them would fill a disk.
ANNOUNCED_BYTES = 20 * 1024 * 1024
UPLOADS = 1000
# Parts that hang in the middle at the same time.
HANGING = 20
_TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": str(ANNOUNCED_BYTES)}
_PART = {"Content-Type": "application/offset+octet-stream"}


async def left_uploads(target: Target) -> None:
    """One person begins 1,000 uploads with a part each, on four connections, and others that stop in the middle."""
    begun = 0

    async def begin() -> None:
        nonlocal begun
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            while target.running and begun < UPLOADS:
                begun += 1
                await asking.ask("POST", "/api/v1/uploads/", b"x" * 1000, name="hugo", headers=_TUS | _PART)
        await asyncio.sleep(target.left)

    async def hang() -> None:
        async with target.tcp() as (_, writer):
            lines = _TUS | _PART | {"Host": "localhost", "Content-Length": str(ANNOUNCED_BYTES)}
            lines["Authorization"] = f"Bearer {target.tokens['hugo']}"
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            writer.write(f"POST /api/v1/uploads/ HTTP/1.1\r\n{head}\r\n".encode() + b"x" * 1000)
            await writer.drain()
            target.count["hanging"] += 1
            await asyncio.sleep(target.left)

    await asyncio.gather(target.beside(4, begin), target.beside(HANGING, hang))
