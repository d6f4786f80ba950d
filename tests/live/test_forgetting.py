"""What a process knows of people and rooms ends with its use, however long the process lives."""

from types import SimpleNamespace

import pytest

from chat.live import sizes as sizes_module
from chat.live import visitors as visitors_module
from chat.live.feed import Feed
from chat.live.rooms import LocalRoom
from chat.live.roster import Roster
from chat.live.sizes import RoomSizes
from chat.live.visitors import Visitors


async def test_names_of_people_who_have_no_room_open_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors_module, "NAMES_KEPT", 2)
    visitors = Visitors("here", {7: LocalRoom(7, Feed(0), Roster("here"))}, lambda *_, **__: None)
    people = {"users": [1, 2, 3], "usernames": ["ada", "bob", "carl"]}
    visitors.hints["room.visitors"]({"room": 7, "origin": "there", **people})
    visitors.keep_processes({"there"})
    assert visitors._named([1, 2, 3]) == people, "all of use, however many they are"
    for user in (4, 5, 6, 7):
        visitors.hints["room.opened"]({"room": 7, "origin": "there", "users": [user], "usernames": [f"p{user}"]})
        visitors.hints["room.let_go"]({"room": 7, "origin": "there", "user": user})
    visitors.keep_processes({"there"})
    assert visitors._named([1, 4, 7])["usernames"] == ["ada", "", ""]


def test_sizes_of_rooms_that_nobody_asks_for_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(sizes_module, "KNOWN_ROOMS", 2)
    monkeypatch.setattr(sizes_module, "rooms_large", lambda room_ids: {3} & set(room_ids))
    monkeypatch.setattr(sizes_module, "time", SimpleNamespace(monotonic=lambda: now))
    sizes = RoomSizes()
    assert sizes.small([1, 2, 3]) == {1, 2}
    now = 50.0
    assert sizes.small([1, 2, 3, 4]) == {1, 2, 4}
    now = 70.0
    assert sizes.small([3, 5]) == {5}
    assert set(sizes._large) == {3, 4, 5}
