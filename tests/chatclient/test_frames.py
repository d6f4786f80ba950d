"""Frames become typed events: unknown ones are kept, and unreadable ones refused in one line."""

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chatclient import ChatError, Event, History, Message, NotAChatServer, Typing
from chatclient.events import Cleared, Resumed, RoomChanged, Rooms
from chatclient.frames import decode, parse

SAID: dict[str, Any] = {
    "type": "message",
    "room": "lobby",
    "seq": 7,
    "rev": 9,
    "kind": "text",
    "message": "hello 👋",
    "username": "alice",
    "user_id": 3,
    "display_name": "Alice",
    "timestamp": "2026-11-21T10:00:00.000001+00:00",
    "client_id": None,
    "reply_to": None,
    "edited_at": None,
    "deleted": False,
    "deleted_by": None,
    "reactions": {"👍": ["bob", "eve"]},
    "mentions": ["bob"],
}


def of(*events: dict[str, Any]) -> list[Event]:
    return parse(json.dumps(events))


def test_a_message_has_its_fields_and_those_of_a_later_version() -> None:
    [message] = of(SAID | {"poll": {"votes": 3}, "posted": True, "(posted)": False})

    assert isinstance(message, Message)
    assert (message.seq, message.text, message.mentions) == (7, "hello 👋", ("bob",))
    assert message.timestamp == datetime(2026, 11, 21, 10, 0, 0, 1, tzinfo=UTC)
    assert message.reactions == {"👍": ("bob", "eve")}
    assert not message.posted, "the client says that, not the server"
    assert message.data["poll"] == {"votes": 3}
    assert "poll" not in repr(message)


def test_an_event_of_a_later_version_is_a_plain_one() -> None:
    [event] = of({"type": "poll", "votes": 3, "request_id": "1"})

    assert type(event) is Event
    assert (event.type, dict(event.data)) == ("poll", {"type": "poll", "votes": 3, "request_id": "1"})


def test_each_message_of_a_page_keeps_its_own_object() -> None:
    [page] = of({"type": "history", "room": "lobby", "messages": [SAID | {"later": 1}, SAID | {"seq": 8}]})

    assert isinstance(page, History)
    assert [(message.seq, message.data.get("later")) for message in page.messages] == [(7, 1), (8, None)]


def test_a_resume_has_changes_of_three_types() -> None:
    cleared = {"type": "cleared", "room": "lobby", "before_seq": 3, "rev": 4}
    renamed = {"type": "room", "room": "lobby", "rev": 5, "title": "Hall"}
    [resumed] = of(
        {"type": "resumed", "room": "lobby", "complete": True, "rev": 9, "messages": [cleared, renamed, SAID]}
    )

    assert isinstance(resumed, Resumed)
    assert [type(change) for change in resumed.messages] == [Cleared, RoomChanged, Message]


def test_a_room_says_how_it_is_heeded_and_until_when() -> None:
    entry = {"room": "lobby", "seq": 1, "rev": 1, "notify": "mentions"}
    muted = {"room": "hall", "notify_level": "all", "muted": True, "quiet_until": "2026-11-21T10:00:00.000000+00:00"}
    [rooms] = of({"type": "rooms", "rooms": [entry, entry | muted]})

    assert isinstance(rooms, Rooms)
    assert [(one.notify_level, one.muted, one.quiet_until) for one in rooms.rooms] == [
        ("default", False, None),
        ("all", True, datetime(2026, 11, 21, 10, tzinfo=UTC)),
    ]


def test_events_are_compared_by_their_fields_and_cannot_be_changed() -> None:
    [once], [again] = of(SAID), of(SAID | {"later": 1})

    assert once == again
    assert once != replace(once, posted=True)
    assert once != Event(type="message")
    assert {Typing(room="a", username="b", is_typing=True)} == {
        Typing(type="typing", room="a", username="b", is_typing=True)
    }
    with pytest.raises(AttributeError):
        once.seq = 8  # type: ignore[attr-defined]


def test_an_event_can_be_sent_to_another_process() -> None:
    [message] = of(SAID)

    copied = pickle.loads(pickle.dumps(message))
    assert (copied, dict(copied.data)) == (message, SAID)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seq": None}, "seq"),
        ({"seq": -1}, "seq"),
        ({"seq": True}, "seq"),
        ({"seq": 7.5}, "seq"),
        ({"message": 5}, "message"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"reactions": {"👍": "bob"}}, "reactions"),
        ({"mentions": [1]}, "mentions"),
        ({"deleted": "no"}, "deleted"),
    ],
)
@pytest.mark.parametrize("within", [False, True], ids=["alone", "in a page"])
def test_a_field_of_another_type_is_refused_in_one_line(change: dict[str, Any], why: str, within: bool) -> None:
    sent = SAID | change
    with pytest.raises(NotAChatServer, match=why) as refused:
        of({"type": "history", "room": "lobby", "messages": [sent]} if within else sent)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("frame", ["Welcome!", "[]x", "42", "[42]", "[[]]", '{"type": 1}', "{}", "[" * 9999, b"{}"])
def test_what_is_no_event_is_refused(frame: str | bytes) -> None:
    for read in (parse, decode):
        with pytest.raises(ChatError, match="not a chat server"):
            read(frame)


def test_a_resume_of_something_else_is_refused() -> None:
    with pytest.raises(NotAChatServer, match="typing"):
        of({"type": "resumed", "room": "lobby", "messages": [{"type": "typing", "room": "lobby", "username": "alice"}]})
