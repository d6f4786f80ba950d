"""Clients of the fake server, and a server that refuses messages."""

from collections import Counter
from typing import Any, TypeVar

from websockets.asyncio.server import ServerConnection

from chatclient import ChatClient, Event
from tests.chatclient.fakes import QUICK, FakeChat, say

Kind = TypeVar("Kind", bound=Event)


def client_of(server: FakeChat, **options: Any) -> ChatClient:
    return ChatClient(server.url, room="lobby", timing=options.pop("timing", QUICK), **options)


def refuse(times: int, code: str, **more: Any) -> Any:
    """Refuse the first `times` messages, and no others."""
    left = Counter(refusals=times)

    async def on_command(socket: ServerConnection, command: dict[str, Any]) -> bool:
        if command["type"] == "chat_message" and left["refusals"] > 0:
            left["refusals"] -= 1
            error = {"type": "error", "code": code, "message": "No.", "client_id": command["client_id"], **more}
            await say(socket, error)
            return True
        return False

    return on_command


async def first_of(client: ChatClient, kind: type[Kind]) -> Kind:
    async for event in client:
        if isinstance(event, kind):
            return event
    raise AssertionError("The events ended.")
