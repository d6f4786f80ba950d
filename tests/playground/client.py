"""The clients of the guides: the plain `websockets` library, without our own."""

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection

PATIENCE_SECONDS = 20


async def hear(socket: ClientConnection) -> str:
    async with asyncio.timeout(PATIENCE_SECONDS):
        text = await socket.recv()
    assert isinstance(text, str)
    return text


async def hear_json(socket: ClientConnection, *, type: str | None = None) -> Any:
    """The next object, or the next one of this type."""
    while True:
        message = json.loads(await hear(socket))
        if type in (None, message.get("type")):
            return message


async def ask(socket: ClientConnection, message: str | bytes) -> str:
    await socket.send(message)
    return await hear(socket)
