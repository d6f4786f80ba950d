"""A large number of rooms holds no one up: each part of the work yields to the event loop."""

import asyncio
import gc
import itertools
from unittest.mock import AsyncMock, Mock

import pytest

from chat.consumers import ChatConsumer
from chat.lib import memory
from chat.live.room_presence import RoomPresence
from chat.live.room_stream import RoomStream
from chat.live.rooms import LocalRoom, LocalRooms, group_of, room_of
from chat.live.steps import STEP, steps
from chat.live.user_sockets import UserSockets
from chat.queries.reconcile import PersonNow
from tests.live.cluster import lone_bus, socket_of

MANY = 10 * STEP


async def turns_during(work: object) -> int:
    """How many turns of the loop other tasks get until `work` is done."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        for turns in itertools.count(1):  # noqa: B007
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await work  # type: ignore[misc]
    counting.cancel()
    return turns


async def test_steps_are_what_was_there_at_the_beginning() -> None:
    there = dict.fromkeys(range(STEP + 1))
    seen = []
    async for step in steps(there):
        there.clear()
        seen.append(step)
    assert [len(step) for step in seen] == [STEP, 1]
    assert list(itertools.chain(*seen)) == list(range(STEP + 1))


async def test_the_sweep_of_ten_thousand_rooms_gives_others_a_turn() -> None:
    rooms = LocalRooms("here", Mock())
    for room_id in range(MANY):
        rooms.open(room_id, f"room-{room_id}", 1)
    assert await turns_during(rooms.advance_all_heads(dict.fromkeys(rooms, 1))) >= MANY / STEP - 1
    assert await turns_during(rooms.close_idle()) >= MANY / STEP - 1
    assert len(rooms) == MANY
    await rooms.close_idle()
    assert not rooms


async def test_a_look_at_the_processes_gives_others_a_turn() -> None:
    rooms = {room_id: LocalRoom(room_id, f"room-{room_id}", RoomStream(0), "here") for room_id in range(MANY)}
    rooms[7].occupancy.arrive(1, "gone")
    assert await turns_during(RoomPresence(lone_bus(), rooms).keep_processes({"here"})) >= MANY / STEP - 1
    assert not list(rooms[7].occupancy.users())
    assert not rooms[8].has_occupancy, "nothing is made for a room only to be looked at"


def test_a_room_is_known_by_its_group() -> None:
    assert room_of(group_of(12)) == 12
    assert room_of("chat.everybody") is None


async def test_frames_that_wait_already_give_others_a_turn() -> None:
    consumer = ChatConsumer()
    consumer.dispatch = AsyncMock()  # type: ignore[method-assign]
    frames = iter(range(160))

    async def receive() -> dict[str, object]:
        if next(frames, None) is None:
            raise asyncio.CancelledError
        return {}

    async def all_frames() -> None:
        with pytest.raises(asyncio.CancelledError):
            await consumer({"client": ["127.0.0.1", 1], "headers": []}, receive, AsyncMock())

    assert await turns_during(all_frames()) >= 10
    assert consumer.dispatch.await_count == 160


async def test_a_socket_that_is_greeted_during_a_look_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    socket = socket_of(all_rooms=True)

    async def look(_function: object, _user_id: int, known: list[object]) -> PersonNow:
        looks.append(known[0].parts)  # type: ignore[attr-defined]
        # The greeting contains its rooms as read before this look.
        socket.greeted = True
        return PersonNow({socket.identity: socket.identity}, {}, {}, frozenset())

    monkeypatch.setattr("chat.live.user_sockets.db.run", look)
    people = UserSockets(lone_bus(), LocalRooms("here", Mock()), AsyncMock(), Mock())
    people.add(socket)
    people.reauthorize([1])
    while people._reauthorizing:
        await asyncio.sleep(0)
    assert looks == [None, {}]


def test_what_the_start_has_made_is_never_looked_through_for_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(gc, "set_threshold", lambda *numbers: done.append(numbers))
    memory.settle.cache_clear()
    memory.settle()
    memory.settle()
    assert done == ["freeze", memory.GARBAGE]
