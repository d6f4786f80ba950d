"""The sockets of a room on one process."""

import asyncio
from unittest.mock import Mock

import pytest

from chat.live.room_stream import RoomStream
from chat.live.rooms import LocalRoom, LocalRooms
from chat.protocol.errors import ChatError, Code
from chat.services.publishing import Publication
from tests.live.cluster import socket_of


def test_each_socket_is_in_a_room_once_and_leaves_alone() -> None:
    room = LocalRoom(7, "lobby", RoomStream(0), "here")
    one, two, three = socket_of(1), socket_of(1), socket_of(2)
    assert list(room.sockets) == []
    for socket in (one, one, two, three, two):
        room.add(socket)
    assert list(room.sockets) == [one, two, three]
    room.remove(two)
    room.remove(two)
    assert list(room.sockets) == [one, three]
    room.remove(one)
    room.remove(three)
    assert list(room.sockets) == []


def test_a_room_of_one_socket_keeps_it_when_another_leaves() -> None:
    room = LocalRoom(7, "lobby", RoomStream(0), "here")
    one = socket_of()
    room.add(one)
    room.remove(socket_of())
    assert list(room.sockets) == [one]
    room.remove(one)
    assert not room.in_use


def test_a_room_is_found_by_slug_only_for_a_socket_that_holds_it() -> None:
    rooms = LocalRooms("here", Mock())
    room = rooms.open(7, "lobby", 3)
    assert rooms.held(socket_of(rooms={7: 3}), "lobby") is room
    assert rooms.held(socket_of(rooms={8: 3}), "lobby") is None
    assert rooms.held(socket_of(rooms={7: 3}), "garden") is None
    rooms.forget()
    assert rooms.held(socket_of(rooms={7: 3}), "lobby") is None


async def test_a_caller_waits_beyond_a_number_until_an_event_comes_or_the_process_stops() -> None:
    room = LocalRoom(7, "lobby", RoomStream(3), "here")
    await room.wait_beyond(2)
    first, second = (asyncio.create_task(room.wait_beyond(3)) for _ in range(2))
    await asyncio.sleep(0)
    assert room.awaited == 2
    assert room.in_use
    first.cancel()
    await asyncio.sleep(0)
    assert room.awaited == 1
    room.offer([Publication(7, 4, "{}")])
    await second
    third = asyncio.create_task(room.wait_beyond(4))
    await asyncio.sleep(0)
    room.release()
    with pytest.raises(ChatError) as refused:
        await third
    assert refused.value.code is Code.UNAVAILABLE
    assert not room.in_use


async def test_calls_that_wait_no_more_are_not_kept() -> None:
    room = LocalRoom(7, "lobby", RoomStream(3), "here")
    for _ in range(50):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(room.wait_beyond(3), 0)
        gone = asyncio.create_task(room.wait_beyond(3))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    last = asyncio.create_task(room.wait_beyond(3))
    await asyncio.sleep(0)
    assert len(room._waiters) == 1
    last.cancel()
