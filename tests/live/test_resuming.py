"""One `resume` may name a thousand rooms: answers go out as they are read, and stop when the socket closes."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat.identity import Identity
from chat.live import db, handlers
from chat.live.resumes import Missed, missed_by
from chat.live.send_queue import QUEUE_CHARS, Message, SendQueue
from chat.live.socket import Socket
from chat.models import Ban, Membership, Participant, Room
from chat.protocol import commands, events
from chat.protocol.errors import Close
from chat.services.posting import Draft, messages_post
from support import people

ROOM_CHARS = QUEUE_CHARS // 4
ROOMS = {f"room-{n}": 0 for n in range(20)}


class Reads:
    """Stands in for the reads of a process: records the rooms read, each with changes that fill a frame."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def read(self, _user: Participant, slug: str, _rev: int | None) -> Missed:
        self.seen.append(slug)
        facts = events.RoomFacts(room=slug, rev=1, title="", topic="x" * ROOM_CHARS, kind="public", archived=False)
        resumed = events.Resumed(room=slug, complete=True, messages=[facts], rev=1)
        return Missed(1, resumed, resumed.encode())


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    async def run(function: Callable[..., Any], *args: Any, **_: Any) -> Any:
        return function(*args)

    monkeypatch.setattr(db, "run", run)
    monkeypatch.setattr(handlers.reading, "_without_changes", lambda *_: {})
    return Reads()


def socket_to(send: Callable[[Message], Any]) -> Socket:
    def end(_code: Close) -> None:
        socket.open = False

    queue = SendQueue(send, batch=False, end=end)
    socket = Socket(Identity(Participant(), "token", "k"), queue, end)
    return socket


async def resume(socket: Socket, reads: Reads) -> None:
    async def epoch() -> str:
        return "now"

    hub = SimpleNamespace(reconciler=SimpleNamespace(epoch=epoch), resumes=reads)
    context = handlers.Context(cast(Any, hub), socket, None)
    await handlers.handle(context, commands.Resume(type="resume", epoch="now", rooms=ROOMS))


async def test_a_slow_reader_gets_all_of_it(reads: Reads) -> None:
    taken: list[Message] = []

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        taken.append(message)

    socket = socket_to(send)
    await resume(socket, reads)
    assert socket.open
    assert len(taken) == len(ROOMS)
    assert reads.seen == list(ROOMS)


async def test_nothing_is_read_for_a_socket_that_is_gone(reads: Reads) -> None:
    async def send(_message: Message) -> None:
        raise ConnectionResetError

    await resume(socket_to(send), reads)
    assert len(reads.seen) == 1


@pytest.mark.django_db
def test_rooms_without_changes_are_answered_by_a_query_for_each_64_and_one_more(
    django_assert_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    alice = people.alice()
    rooms = [Room.objects.create(slug=f"room-{n}", title="x", last_rev=n) for n in range(6)]
    Membership.objects.bulk_create(Membership(room=room, user=alice) for room in rooms[:4])
    Room.objects.filter(slug="room-3").update(archived=True)
    Room.objects.create(slug="hidden", title="x", last_rev=5, kind=Room.Kind.PRIVATE)
    socket = Socket(Identity(alice, "token", "k"), cast(SendQueue, None), lambda _code: None, rooms={rooms[1].pk: 1})
    known = {"room-0": 0, "room-1": None, "room-2": 1, "room-3": 9, "room-4": 4, "hidden": 3, "nowhere": 3}
    revs = known | {f"absent-{n}": 1 for n in range(1000)}
    with django_assert_num_queries(2):
        handlers.reading._without_changes(socket, known, "r")
    with django_assert_num_queries(17):
        found = handlers.reading._without_changes(socket, revs, "r")
    # Rooms with changes, and rooms that the person has not joined, are read one by one.
    assert revs.keys() - found.keys() == {"room-2", "room-4"}
    for slug, answer in found.items():
        if slug in known:
            [missed] = missed_by((slug, known[slug]), [alice])
            assert answer == handlers.reading._changes_since(socket, slug, missed, "r"), slug
    absent = {"type": "resumed", "request_id": "r", "room": "absent-7", "complete": False, "messages": [], "rev": 0}
    assert json.loads(found["absent-7"]) == absent
    # Read by itself it would get a frame of its own, next to rooms that do not exist.
    assert json.loads(found["hidden"]) == absent | {"room": "hidden"}


@pytest.mark.django_db
def test_those_who_lost_a_room_at_the_same_number_are_read_together_each_by_their_rights(
    django_assert_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    alice, bob, stranger, banned = (people.person(f"p{n}") for n in range(4))
    room = people.room("club", owner=alice, members=[bob])
    Ban.objects.create(room=room, user=banned)
    messages_post([Draft(alice, room.slug, f"number {n}") for n in range(3)])
    rev = Room.objects.get(pk=room.pk).last_rev
    missed_by(("club", rev - 2), [alice, bob, stranger, banned])
    with django_assert_num_queries(5):
        alone = missed_by(("club", rev - 2), [alice])
    # The sixth query reads the bans of non-members.
    with django_assert_num_queries(6):
        found = missed_by(("club", rev - 2), [alice, bob, stranger, banned, alice])
    assert found[2:4] == [None, None]
    assert found[0] is found[1] is found[4] == alone[0]
    assert found[0]
    told = json.loads(found[0].text)["messages"]
    assert [one["message"] for one in told] == ["number 1", "number 2"]
    assert missed_by(("club", rev), [stranger, banned]) == [None, None]
    assert missed_by(("nowhere", rev), [alice]) == [None]
    assert missed_by(("\x00", rev), [alice]) == [None]


@pytest.mark.parametrize("request_id", [None, "r", 'a "b" \u2028 \\'])
def test_a_reply_that_several_asked_for_is_that_of_each(request_id: str | None) -> None:
    resumed = events.Resumed(room="x", complete=True, messages=[], rev=3)
    own = resumed.model_copy(update={"request_id": request_id})
    assert json.loads(resumed.asked_with(resumed.encode(), request_id)) == json.loads(own.encode())
