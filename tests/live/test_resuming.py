"""One `resume` may ask for a thousand rooms: its answers go out as they are taken, and end with the socket."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat.identity import Identity
from chat.live import db, handlers
from chat.live.send_queue import QUEUE_CHARS, Message, SendQueue
from chat.live.socket import Socket
from chat.models import Membership, Room
from chat.protocol import commands, events
from chat.protocol.errors import Close
from support import people

ROOM_CHARS = QUEUE_CHARS // 4
ROOMS = {f"room-{n}": 0 for n in range(20)}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rooms whose changes were read; each has as many as fit into a frame."""
    seen: list[str] = []

    async def run(function: Callable[..., Any], *args: Any, **_: Any) -> Any:
        return function(*args)

    def changes_since(_socket: Socket, slug: str, *_: object) -> str:
        seen.append(slug)
        facts = events.RoomFacts(room=slug, rev=1, title="", topic="x" * ROOM_CHARS, kind="public", archived=False)
        return events.Resumed(room=slug, complete=True, messages=[facts], rev=1).encode()

    monkeypatch.setattr(db, "run", run)
    monkeypatch.setattr(handlers.reading, "_changes_since", changes_since)
    monkeypatch.setattr(handlers.reading, "_without_changes", lambda *_: {})
    return seen


def socket_to(send: Callable[[Message], Any]) -> Socket:
    def end(_code: Close) -> None:
        socket.open = False

    queue = SendQueue(send, batch=False, end=end)
    socket = Socket(cast(Identity, None), queue, end)
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


async def test_nothing_is_read_for_a_socket_that_is_gone(looked_at: list[str]) -> None:
    async def send(_message: Message) -> None:
        raise ConnectionResetError

    await resume(socket_to(send))
    assert len(looked_at) == 1


@pytest.mark.django_db
def test_rooms_without_changes_are_answered_by_a_query_for_each_64_and_one_more(
    django_assert_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    alice = people.alice()
    rooms = [Room.objects.create(slug=f"room-{n}", title="x", last_rev=n) for n in range(6)]
    Membership.objects.bulk_create(Membership(room=room, user=alice) for room in rooms[:4])
    Room.objects.filter(slug="room-3").update(archived=True)
    socket = Socket(Identity(alice, "token", "k"), cast(SendQueue, None), lambda _code: None, rooms={rooms[1].pk: 1})
    known = {"room-0": 0, "room-1": None, "room-2": 1, "room-3": 9, "room-4": 4, "nowhere": 3}
    revs = known | {f"absent-{n}": 1 for n in range(1000)}
    with django_assert_num_queries(2):
        handlers.reading._without_changes(socket, known, "r")
    with django_assert_num_queries(17):
        found = handlers.reading._without_changes(socket, revs, "r")
    # With changes, or of a room one has not joined: each is read by itself.
    assert revs.keys() - found.keys() == {"room-2", "room-4"}
    for slug, answer in found.items():
        if slug in known:
            assert answer == handlers.reading._changes_since(socket, slug, known[slug], "r"), slug
    absent = {"type": "resumed", "request_id": "r", "room": "absent-7", "complete": False, "messages": [], "rev": 0}
    assert json.loads(found["absent-7"]) == absent
