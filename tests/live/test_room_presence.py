"""Queries who has a room open on other processes: one by one for few rooms, all at once for very many."""

from chat.live import room_presence as room_presence_module
from chat.live.room_presence import RoomPresence
from chat.live.room_stream import RoomStream
from chat.live.rooms import LocalRoom
from tests.live.cluster import Sent, from_there, lone_bus

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
