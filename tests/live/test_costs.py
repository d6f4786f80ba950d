"""Counts the cost of delivery: statements and encodings, for one listener and for many."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from pytest_django import DjangoAssertNumQueries

from chat.identity import Identity
from chat.lib import joined_statements
from chat.live import db, subscribe
from chat.live.handlers import handle
from chat.live.handlers.registry import Context
from chat.live.hub import Hub
from chat.live.name_changes import NameChanges
from chat.live.presence import Presence
from chat.live.reconciler import Reconciler
from chat.live.send_queue import GATHERED, SendQueue
from chat.live.snapshot_cache import RoomSizeCache, RoomSnapshotCache
from chat.live.snapshots import read_join, read_rooms
from chat.live.socket import Socket
from chat.models import Membership, Participant, Room
from chat.protocol import commands, events
from chat.protocol.errors import ChatError
from chat.queries import message_encoding
from chat.services.moderation import member_ban
from chat.services.posting import Draft, messages_post
from chat.services.profile import profile_update
from support import people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hub(unclocked_hub: Hub) -> Hub:
    """Count only what a test requests."""
    return unclocked_hub


class Ear:
    """The client end of a socket."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.writes: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        self.writes.append(message)
        self.heard += map(json.loads, message["texts"] if message["type"] == GATHERED else [message["text"]])

    def messages(self) -> list[str]:
        return [event["message"] for event in self.heard if event["type"] == "message"]


def open_socket(hub: Hub, user: Participant) -> tuple[Socket, Ear]:
    ear = Ear()
    queue = SendQueue(ear.send, batch=False, gather=True, end=Mock())
    socket = Socket(Identity(user, "token", "none"), queue, lambda _code: None)
    hub.add(socket)
    return socket, ear


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The statements sent to the database since the last call, on all threads."""
    ran: list[str] = []
    execute, executemany = CursorWrapper.execute, CursorWrapper.executemany
    joined = joined_statements._executed

    def noted(self: CursorWrapper, sql: Any, params: Any = None) -> Any:
        ran.append(str(sql))
        return execute(self, sql, params)

    def noted_many(self: CursorWrapper, sql: Any, params: Any) -> Any:
        ran.append(str(sql))
        return executemany(self, sql, params)

    def noted_joined(raw: Any, text: str, values: Any) -> Any:
        ran.append(text)
        return joined(raw, text, values)

    monkeypatch.setattr(CursorWrapper, "execute", noted)
    monkeypatch.setattr(joined_statements, "_executed", noted_joined)
    monkeypatch.setattr(CursorWrapper, "executemany", noted_many)

    def since() -> list[str]:
        found = ran.copy()
        ran.clear()
        return found

    return since


async def crowd(number: int) -> list[Participant]:
    def make() -> list[Participant]:
        owner = people.person("owner")
        members = [people.person(f"p{n}") for n in range(number)]
        people.room("garden", owner=owner, members=members)
        return [owner, *members]

    return await db.run(make)


@pytest.mark.parametrize("listeners", [1, 40])
async def test_a_delivery_asks_no_database_and_encodes_nothing(
    listeners: int, hub: Hub, statements: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    members = await crowd(listeners)
    ears = []
    for member in members:
        socket, ear = open_socket(hub, member)
        await subscribe.enter_room(hub, socket, "garden", with_history=True)
        ears.append(ear)
    encoded: list[str] = []
    encode = message_encoding.encode_new

    def noted(**facts: Any) -> str:
        encoded.append(facts["text"])
        return encode(**facts)

    monkeypatch.setattr("chat.services.posting.encode_new", noted)
    statements()
    for n in range(5):
        await hub.writer.post(Draft(members[0], "garden", f"{n}"))
    await asyncio.sleep(0)
    assert [ear.messages() for ear in ears] == [["0", "1", "2", "3", "4"]] * (listeners + 1)
    assert encoded == ["0", "1", "2", "3", "4"], "once a message, not once a socket"
    assert len([sql for sql in statements() if "chat_" in sql]) <= 5 * 6


async def test_what_was_committed_together_is_one_write_for_each_socket(
    hub: Hub, statements: Callable[[], list[str]]
) -> None:
    members = await crowd(10)
    ears = []
    for member in members:
        socket, ear = open_socket(hub, member)
        await subscribe.enter_room(hub, socket, "garden", with_history=False)
        ears.append(ear)
    for ear in ears:
        ear.writes.clear()
    statements()
    tasks = asyncio.all_tasks()
    await asyncio.gather(*(hub.writer.post(Draft(members[0], "garden", f"{n}", f"{n}")) for n in range(16)))
    await hub.writer.idle()
    assert asyncio.all_tasks() <= tasks, "delivery needs no task"
    assert [ear.messages() for ear in ears] == [[f"{n}" for n in range(16)]] * len(ears)
    assert [len(ear.writes) for ear in ears] == [1] * len(ears)
    assert len({id(ear.writes[0]) for ear in ears}) == 1, "made once for all of them"
    ways = len([sql for sql in statements() if "chat_" in sql])
    assert ways == (2 if connection.vendor == "postgresql" else 6), "to the database and back, for all 16"


async def test_the_greeting_of_a_room_is_one_write(hub: Hub) -> None:
    alice, bob = await crowd(1)
    for user in (alice, bob):
        socket, ear = open_socket(hub, user)
        await subscribe.enter_room(hub, socket, "garden", with_history=True)
        assert [event["type"] for event in ear.heard] == ["joined_room", "history"]
        assert len(ear.writes) == 1


async def test_who_comes_while_the_sweep_reads_its_numbers_is_not_checked_again(hub: Hub) -> None:
    alice, bob = await crowd(1)
    for user in (alice, bob):
        open_socket(hub, user)
    hub.user_sockets.compare_access({alice.pk: alice.access_rev})
    assert not hub.user_sockets._reauthorizing
    hub.user_sockets.compare_access({alice.pk: alice.access_rev + 1})
    assert list(hub.user_sockets._reauthorizing) == [alice.pk]
    hub.user_sockets._reauthorizing[alice.pk].cancel()


@pytest.mark.parametrize("rooms", [1, 200])
def test_opening_the_chat_or_a_room_costs_the_same_with_any_number_of_rooms(
    rooms: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner, member = people.alice(), people.bob()
    made = Room.objects.bulk_create(Room(slug=f"r{n}") for n in range(rooms))
    Membership.objects.bulk_create(Membership(room=room, user=user) for room in made for user in (owner, member))
    people.room("garden", owner=owner, members=[member])
    scenes, sizes = RoomSnapshotCache(), RoomSizeCache()
    # The queries: rooms with their unread mentions; which of them are small; who is online in those.
    with django_assert_num_queries(3):
        overview = read_rooms(member, frozenset(), sizes)
    assert len(overview.rooms) == rooms + 1
    # The queries: room and membership; who is online and typing; the page. Nothing is written.
    with django_assert_num_queries(3):
        entered = read_join(member, "garden", scenes, sizes, with_history=True)
    assert entered.joined.room == "garden"
    # Members who arrive at the same time share the snapshot.
    with django_assert_num_queries(1):
        late = read_join(owner, "garden", scenes, sizes, with_history=True)
    assert late.page is entered.page
    with django_assert_num_queries(2):
        read_rooms(owner, frozenset(), sizes)
    assert late.joined.members_online == 2


async def test_a_message_that_many_pages_ask_for_is_read_for_all_of_them(
    hub: Hub, statements: Callable[[], list[str]]
) -> None:
    members = await crowd(200)
    owner, banned = members[:2]

    def link() -> None:
        people.room("library", owner=owner, kind="public")
        people.room("vault", owner=owner, members=members[100:])
        member_ban(user=owner, room="library", username=banned.username)
        for room in ("garden", "library", "vault"):
            messages_post([Draft(owner, room, f"in {room}")])

    await db.run(link)
    sockets = [open_socket(hub, user) for user in members]
    statements()

    async def ask(socket: Socket, room: str) -> None:
        command = commands.History(type="history", room=room, around=1, limit=1, all=True, request_id=room)
        try:
            await handle(Context(hub, socket, None), command)
        except ChatError as refusal:
            socket.send(events.Error.of(refusal, request_id=room))

    rooms = ("garden", "library", "vault")
    await asyncio.gather(*(ask(socket, room) for room in rooms for socket, _ in sockets))
    ran = [sql for sql in statements() if "chat_" in sql]
    assert len(ran) < 40, f"{len(ran)} statements for 603 questions"
    for number, (socket, ear) in enumerate(sockets):
        await socket.queue.flushed()
        heard = {event["request_id"]: event for event in ear.heard if "request_id" in event}
        assert [one["message"] for one in heard["garden"]["messages"]] == ["in garden"]
        assert ("messages" in heard["library"]) is (number != 1), "all but who is banned"
        assert heard["library"].get("code") == (None if number != 1 else "banned")
        assert heard["vault"].get("code") == (None if number == 0 or number >= 100 else "not_found")
        assert ("in vault" in json.dumps(ear.heard)) is (number == 0 or number >= 100)


@pytest.fixture
def nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the hub's own statements: its periodic looks start after a second, before a slow test is done."""

    async def run(_part: object) -> None:
        return None

    for part in (NameChanges, Presence, Reconciler):
        monkeypatch.setattr(part, "run", run)


async def test_a_new_name_is_sent_once_to_those_who_share_a_room_and_costs_two_statements(
    nothing_by_itself: None, hub: Hub, statements: Callable[[], list[str]]
) -> None:
    owner, friend = await crowd(1)
    stranger = await db.run(people.person, "stranger")
    ears = [open_socket(hub, user) for user in (owner, friend, stranger)]
    for socket, _ear in ears[:2]:
        await subscribe.enter_room(hub, socket, "garden", with_history=False)
    await db.run(profile_update, user=friend, display_name="Somebody Else")

    def asked() -> list[str]:
        return [sql for sql in statements() if sql.startswith("SELECT")]

    asked()
    await hub.name_changes.look()
    assert len(first := asked()) == 2, first
    await hub.name_changes.look()
    assert len(again := asked()) == 1, again
    for socket, _ear in ears:
        await socket.queue.flushed()
    told = [[event for event in ear.heard if event["type"] == "person"] for _socket, ear in ears]
    person = {"type": "person", "user_id": friend.pk, "username": "p0", "display_name": "Somebody Else"}
    assert told == [[person], [person], []]
