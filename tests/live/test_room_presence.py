"""Queries who has a room open on other processes, and what they are sent when a user opens it or reloads a page."""

import json
from typing import cast
from unittest.mock import Mock

import pytest

from chat.live import room_presence as room_presence_module
from chat.live.broker import Broker
from chat.live.cluster import ClusterBus
from chat.live.room_presence import RoomPresence
from chat.live.room_stream import RoomStream
from chat.live.rooms import LocalRoom
from chat.live.socket import Socket
from tests.live.cluster import Sent, from_there, lone_bus, socket_of

MANY = room_presence_module.ASKED_PER_ROOM + 1
ALL_ROOMS = room_presence_module.ALL_ROOMS


def rooms_of(*room_ids: int) -> dict[int, LocalRoom]:
    return {room_id: LocalRoom(room_id, f"room-{room_id}", RoomStream(0), "here") for room_id in room_ids}


def test_a_few_rooms_are_asked_about_in_their_groups() -> None:
    sent = Sent()
    RoomPresence(lone_bus(sent), {}).ask([7, 8])
    asked = {"type": "room.who", "origin": "here"}
    assert sent == [("chat.room.7", asked | {"room": 7}), ("chat.room.8", asked | {"room": 8})]


def test_very_many_rooms_are_asked_about_in_one_notification() -> None:
    sent = Sent()
    RoomPresence(lone_bus(sent), {}).ask(range(1, MANY + 1))
    assert sent == [("chat.everybody", {"type": "room.who", "origin": "here", "room": ALL_ROOMS})]


def test_a_process_asked_about_all_rooms_names_the_people_of_those_that_are_open() -> None:
    sent, rooms = Sent(), rooms_of(7, 8, 9)
    bus = lone_bus(sent)
    RoomPresence(bus, rooms)
    rooms[7].occupancy.open(1)
    rooms[8].occupancy.open(2)
    rooms[8].occupancy.close(2)
    bus.receive(from_there("room.who", room=ALL_ROOMS))
    [(group, answer)] = sent
    assert group == "chat.room.7"
    assert (answer["type"], answer["users"], answer["usernames"]) == ("room.visitors", [1], [""])
    assert not rooms[9].has_occupancy, "nothing is made for a room only to be looked at"


class _Room(LocalRoom):
    """A room with a socket, which keeps the types of the events that it is sent."""

    def __init__(self, process: str) -> None:
        super().__init__(7, "room-7", RoomStream(0), process)
        self.seen: list[str] = []
        self.sockets = (socket_of(),)

    def send_ephemeral(self, text: str, *, but_user: int | None = None, but: Socket | None = None) -> None:
        self.seen.append(json.loads(text)["type"])


class _Pair:
    """The processes `here` and `there` with one room each; what `here` sends reaches `there` when `cross` is called."""

    def __init__(self) -> None:
        self.sent = Sent()
        self.bus = ClusterBus("there", cast(Broker, Sent()))
        self.room_here, self.room_there = _Room("here"), _Room("there")
        self.rooms: dict[int, LocalRoom] = {7: self.room_here}
        self.here = RoomPresence(lone_bus(self.sent), self.rooms)
        self.there = RoomPresence(self.bus, {7: self.room_there})

    def cross(self) -> None:
        self.here._notify_opened()
        for _group, notification in self.sent:
            self.bus.receive(notification)
        self.sent.clear()


def _socket() -> Mock:
    return Mock(opened=set(), user_id=1, user=Mock(username="ada"))


@pytest.fixture
def pair() -> _Pair:
    return _Pair()


async def test_a_reload_is_sent_to_no_one(pair: _Pair) -> None:
    before, after = _socket(), _socket()
    pair.here.enter(before, 7)
    pair.cross()
    pair.here.leave(before, 7)
    pair.here.enter(after, 7)
    pair.cross()
    assert (pair.room_here.seen, pair.room_there.seen) == (["user_joined"], ["user_joined"])


async def test_a_reload_at_once_is_one_arrival(pair: _Pair) -> None:
    before = _socket()
    pair.here.enter(before, 7)
    pair.here.leave(before, 7)
    pair.here.enter(_socket(), 7)
    pair.cross()
    assert (pair.room_here.seen, pair.room_there.seen) == (["user_joined"], ["user_joined"])


async def test_a_process_that_does_not_know_the_user_learns_of_them_by_a_reload(pair: _Pair) -> None:
    before, after = _socket(), _socket()
    pair.here.enter(before, 7)
    pair.here._notify_opened()
    # Sent before `there` held the room.
    pair.sent.clear()
    pair.here.leave(before, 7)
    pair.here.enter(after, 7)
    pair.cross()
    assert pair.room_there.seen == ["user_joined"]
    assert list(pair.room_there.occupancy.users()) == [1]


async def test_a_process_that_took_another_for_dead_learns_of_its_users_by_a_reload(pair: _Pair) -> None:
    before, after = _socket(), _socket()
    pair.here.enter(before, 7)
    pair.cross()
    pair.here.leave(before, 7)
    await pair.there.keep_processes({"there"})
    pair.here.enter(after, 7)
    pair.cross()
    assert pair.room_there.seen == ["user_joined", "user_left", "user_joined"]


async def test_a_room_replaced_during_a_reload_has_the_user_again(pair: _Pair) -> None:
    before = _socket()
    pair.here.enter(before, 7)
    pair.cross()
    pair.here.leave(before, 7)
    pair.rooms[7] = _Room("here")
    pair.here.enter(_socket(), 7)
    assert list(pair.rooms[7].occupancy.users()) == [1]
