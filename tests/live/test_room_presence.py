"""Who has a room open on other processes is asked for few rooms one by one, and for very many at once."""

from typing import Any

from chat.live import room_presence as visitors_module
from chat.live.room_presence import RoomPresence
from chat.live.room_stream import RoomStream
from chat.live.rooms import LocalRoom

Hinted = list[tuple[str, str, dict[str, Any]]]
MANY = visitors_module.ASKED_ONE_BY_ONE + 1


def visitors_in(*room_ids: int) -> tuple[RoomPresence, dict[int, LocalRoom], Hinted]:
    hinted: Hinted = []
    rooms = {room_id: LocalRoom(room_id, f"room-{room_id}", RoomStream(0), "here") for room_id in room_ids}
    return RoomPresence("here", rooms, lambda group, kind, **facts: hinted.append((group, kind, facts))), rooms, hinted


def test_a_few_rooms_are_asked_about_in_their_groups() -> None:
    visitors, _, hinted = visitors_in()
    visitors.ask([7, 8])
    assert hinted == [("chat.room.7", "room.who", {"room": 7}), ("chat.room.8", "room.who", {"room": 8})]


def test_very_many_rooms_are_asked_about_in_one_hint() -> None:
    visitors, _, hinted = visitors_in()
    visitors.ask(range(1, MANY + 1))
    assert hinted == [("chat.everybody", "room.who", {"room": visitors_module.ALL_ROOMS})]


def test_who_is_asked_about_all_rooms_names_the_people_of_those_that_are_open() -> None:
    visitors, rooms, hinted = visitors_in(7, 8, 9)
    rooms[7].occupancy.open(1)
    rooms[8].occupancy.open(2)
    rooms[8].occupancy.close(2)
    visitors.hints["room.who"]({"room": visitors_module.ALL_ROOMS, "origin": "there"})
    assert hinted == [("chat.room.7", "room.visitors", {"room": 7, "users": [1], "usernames": [""]})]
    assert not rooms[9].visited, "nothing is made for a room only to be looked at"
