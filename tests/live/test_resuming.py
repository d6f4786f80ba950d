"""One `resume` may ask for a thousand rooms: its answers go out as they are taken, and end with the socket."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from accounts.identity import Identity
from chat.live import db, handlers
from chat.live.send_queue import QUEUE_CHARS, Message, SendQueue
from chat.live.socket import Socket
from chat.protocol import commands, events

ROOM_CHARS = QUEUE_CHARS // 4
ROOMS = {f"room-{n}": 0 for n in range(20)}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rooms whose changes were read; each has as many as fit into a frame."""
    seen: list[str] = []

    async def run(function: Callable[..., Any], *args: Any, **_: Any) -> Any:
        return function(*args)

    def changes_since(_socket: Socket, slug: str, _rev: int | None) -> events.Resumed:
        seen.append(slug)
        facts = events.RoomFacts(room=slug, rev=1, title="", topic="x" * ROOM_CHARS, kind="public", archived=False)
        return events.Resumed(room=slug, complete=True, messages=[facts], rev=1)

    monkeypatch.setattr(db, "run", run)
    monkeypatch.setattr(handlers.reading, "_changes_since", changes_since)
    return seen


def socket_to(send: Callable[[Message], Any]) -> Socket:
    def end() -> None:
        socket.open = False

    queue = SendQueue(send, batch=False, on_slow=end, on_gone=end)
    socket = Socket(cast(Identity, None), queue, lambda _code: end())
    return socket


async def resume(socket: Socket) -> None:
    async def epoch() -> str:
        return "now"

    hub = SimpleNamespace(reconciler=SimpleNamespace(epoch=epoch))
    context = handlers.Context(cast(Any, hub), socket, None)
    await handlers.handle(context, commands.Resume(type="resume", epoch="now", rooms=ROOMS))


async def test_a_slow_reader_gets_all_of_it(looked_at: list[str]) -> None:
    taken: list[Message] = []

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        taken.append(message)

    socket = socket_to(send)
    await resume(socket)
    assert socket.open
    assert len(taken) == len(ROOMS)
    assert looked_at == list(ROOMS)


async def test_nothing_is_read_for_whoever_is_gone(looked_at: list[str]) -> None:
    async def send(_message: Message) -> None:
        raise ConnectionResetError

    await resume(socket_to(send))
    assert len(looked_at) == 1
