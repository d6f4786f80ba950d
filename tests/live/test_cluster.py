"""Each kind of notification has one receiver, and a process ignores its own."""

import pytest

from chat.live.broker import Message
from tests.live.cluster import Sent, from_there, lone_bus


def test_a_notification_goes_to_all_processes_or_to_those_of_a_room() -> None:
    sent = Sent()
    bus = lone_bus(sent)
    bus.notify("presence.changed")
    bus.notify_room(7, "room.who")
    assert sent == [
        ("chat.everybody", {"type": "presence.changed", "origin": "here"}),
        ("chat.room.7", {"type": "room.who", "origin": "here", "room": 7}),
    ]


def test_what_another_process_sent_is_received_and_its_own_is_not() -> None:
    bus = lone_bus()
    received: list[Message] = []
    bus.on("names.changed", received.append)
    bus.receive({"type": "names.changed", "origin": "here"})
    bus.receive(from_there("names.changed"))
    assert received == [from_there("names.changed")]


def test_a_kind_of_a_newer_process_is_dropped() -> None:
    bus = lone_bus()
    received: list[Message] = []
    bus.on("names.changed", received.append)
    bus.receive(from_there("names.painted"))
    assert received == []


def test_a_kind_has_one_receiver() -> None:
    bus = lone_bus()
    bus.on("names.changed", print)
    with pytest.raises(ValueError, match=r"names\.changed"):
        bus.on("names.changed", print)
