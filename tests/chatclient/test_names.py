"""Names that look alike are marked for the program that displays them."""

import json
from typing import Any

import pytest

from chatclient.display import Lines
from chatclient.events import Message, Users
from chatclient.frames import parse

SAID: dict[str, Any] = {
    "type": "message",
    "room": "lobby",
    "seq": 1,
    "rev": 1,
    "message": "hello",
    "username": "ada2",
    "display_name": "Ada",
    "timestamp": "2026-11-21T10:00:00.000000+00:00",
}


@pytest.mark.parametrize(("mark", "shown"), [({}, False), ({"show_username": True}, True)])
def test_a_message_and_a_member_carry_the_mark(mark: dict[str, Any], shown: bool) -> None:
    listed = {"type": "users", "room": "lobby", "users": [{"username": "ada2"} | mark]}
    message, users = parse(json.dumps([SAID | mark, listed]))
    assert isinstance(message, Message)
    assert message.show_username is shown
    assert isinstance(users, Users)
    assert [user.show_username for user in users.users] == [shown]


def test_the_terminal_names_everybody_by_the_name_no_other_has() -> None:
    [message] = parse(json.dumps(SAID | {"show_username": True}))
    assert isinstance(message, Message)
    assert " ada2: hello" in (Lines().of(message) or "")
