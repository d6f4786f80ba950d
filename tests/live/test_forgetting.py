"""A process drops what it keeps of people and rooms once it is unused, however long the process lives."""

import asyncio
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from chat.live import room_presence as room_presence_module
from chat.live import snapshot_cache as sizes_module
from chat.live.room_presence import RoomPresence
from chat.live.room_stream import RoomStream
from chat.live.rooms import LocalRoom, LocalRooms
from chat.live.snapshot_cache import RoomSizeCache
from chat.queries.history import Changes
from tests.live.cluster import from_there, lone_bus


async def test_names_of_people_who_have_no_room_open_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_presence_module, "NAMES_KEPT", 2)
    bus = lone_bus()
    presence = RoomPresence(bus, {7: LocalRoom(7, "lobby", RoomStream(0), "here")})
    people = {"users": [1, 2, 3], "usernames": ["ada", "bob", "carl"]}
    bus.receive(from_there("room.visitors", room=7, **people))
    await presence.keep_processes({"there"})
    assert presence._named([1, 2, 3]) == people, "all of use, however many they are"
    for user in (4, 5, 6, 7):
        bus.receive(from_there("room.opened", room=7) | {"users": [user], "usernames": [f"p{user}"]})
        bus.receive(from_there("room.let_go", room=7, user=user))
    await presence.keep_processes({"there"})
    assert presence._named([1, 4, 7])["usernames"] == ["ada", "", ""]


async def test_a_socket_may_enter_a_room_that_was_forgotten_meanwhile() -> None:
    presence = RoomPresence(lone_bus(), {})
    socket = Mock(opened=set())
    presence.enter(socket, 7)
    assert not socket.opened


async def test_a_room_that_stops_recovers_no_more() -> None:
    room = LocalRoom(7, "lobby", RoomStream(1), "here")
    before = asyncio.all_tasks()
    room.advance_head(5)
    assert len(asyncio.all_tasks() - before) == 1
    await asyncio.sleep(0)
    room.stop()
    for _ in range(3):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_a_room_is_kept_while_somebody_waits_for_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def read(_function: object, _room_id: int, _position: int, head: int) -> Changes:
        await asked.wait()
        return Changes([], head, head)

    monkeypatch.setattr("chat.live.rooms.db.run", read)
    rooms = LocalRooms("here", Mock())
    room = rooms.open(7, "lobby", 1)
    waiting = asyncio.ensure_future(room.wait_for(5))
    for _ in range(3):
        await asyncio.sleep(0)
        await rooms.close_idle()
    assert rooms == {7: room}
    asked.set()
    await waiting
    await rooms.close_idle()
    await rooms.close_idle()
    assert not rooms


async def test_a_room_whose_name_another_has_by_now_leaves_it_that() -> None:
    rooms = LocalRooms("here", Mock())
    rooms.open(7, "lobby", 1)
    await rooms.close_idle()
    fresh = rooms.open(8, "lobby", 1)
    await rooms.close_idle()
    assert (rooms, rooms._by_slug) == ({8: fresh}, {"lobby": fresh})
    await rooms.close_idle()
    assert not rooms
    assert not rooms._by_slug


def test_sizes_of_rooms_that_are_not_used_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(sizes_module, "SIZES_KEPT", 2)
    monkeypatch.setattr(sizes_module, "rooms_large", lambda room_ids: {3} & set(room_ids))
    monkeypatch.setattr(sizes_module, "time", SimpleNamespace(monotonic=lambda: now))
    sizes = RoomSizeCache()
    assert sizes.small([1, 2, 3]) == {1, 2}
    now = 50.0
    assert sizes.small([1, 2, 3, 4]) == {1, 2, 4}
    now = 70.0
    assert sizes.small([3, 5]) == {5}
    assert set(sizes._large) == {3, 4, 5}
