"""What a command declares: its name, its cost, whether it keeps its order, and the bounds of its fields."""

import json

import pytest
from pydantic import ValidationError

from chat.protocol import commands, parsing
from chat.protocol.commands import COMMANDS, Budget, Command

# They change nothing in a room: no answer of theirs depends on the messages before them.
OUT_OF_ORDER: set[type[Command]] = {commands.Typing, commands.Read, commands.MarkUnread, commands.Search, commands.Ping}
# They do: after the messages that the same socket sent before, and before those that it sends after them.
IN_ORDER: set[type[Command]] = {
    *(commands.ChatMessage, commands.EditMessage, commands.DeleteMessage, commands.React, commands.PrivateMessage),
    *(commands.History, commands.Resume, commands.JoinRoom, commands.LeaveRoom, commands.Broadcast),
    *(commands.Users, commands.Clear, commands.Kick, commands.Ban, commands.Unban, commands.Mute, commands.Unmute),
    *(commands.Topic, commands.RoomUpdate, commands.SetRole, commands.Bans, commands.Audit),
}


@pytest.mark.parametrize("kind", sorted(IN_ORDER | OUT_OF_ORDER, key=str))
def test_a_command_keeps_its_order_if_a_room_is_changed_or_read_by_it(kind: type[Command]) -> None:
    assert kind in COMMANDS
    assert kind.ordered is (kind in IN_ORDER)


def test_a_command_costs_one_token_but_six_pages_where_it_may_read_that_much() -> None:
    assert {kind.cost.tokens for kind in COMMANDS} == {1, 6}
    assert {kind for kind in COMMANDS if kind.cost.tokens == 6} >= {commands.Resume, commands.Users}
    assert commands.Ping.cost.budget is None
    assert {kind.cost.budget for kind in (commands.Typing, commands.Read, commands.MarkUnread)} == {Budget.SIGNALS}


@pytest.mark.parametrize(
    ("frame", "name"),
    [({"type": "ping"}, "ping"), ({"type": "command", "command": "users"}, "users"), ({"type": "history"}, "history")],
)
def test_a_command_is_named_by_its_command_or_its_type(frame: dict[str, str], name: str) -> None:
    assert parsing.parse(json.dumps(frame)).name == name


def test_a_command_is_not_changed_after_it_was_parsed() -> None:
    command = parsing.parse('{"type": "mark_unread", "seq": 4}')
    with pytest.raises(ValidationError, match="frozen"):
        command.seq = 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        ({"type": "search", "query": "tea"}, "after"),
        ({"type": "search", "query": "tea"}, "tz"),
        ({"type": "resume", "rooms": {}}, "epoch"),
        ({"type": "ping"}, "request_id"),
    ],
)
def test_texts_that_are_only_given_back_have_64_characters_at_most(frame: dict[str, object], field: str) -> None:
    parsing.parse(json.dumps(frame | {field: "x" * 64}))
    with pytest.raises(parsing.BadFrame) as refused:
        parsing.parse(json.dumps(frame | {field: "x" * 65}))
    assert [*(refused.value.fields or {})] == [field]


@pytest.mark.parametrize("frame", [{"type": "history"}, {"type": "search", "query": "tea"}])
def test_a_page_has_1_to_100_messages(frame: dict[str, object]) -> None:
    for limit in (1, 100):
        parsing.parse(json.dumps(frame | {"limit": limit}))
    for limit in (0, 101):
        with pytest.raises(parsing.BadFrame):
            parsing.parse(json.dumps(frame | {"limit": limit}))


def test_a_search_leaves_out_the_rooms_of_others_and_names_no_time_zone_unless_asked() -> None:
    search = parsing.parse('{"type": "search", "query": "tea"}')
    assert isinstance(search, commands.Search)
    assert (search.public, search.tz, search.after, search.limit) == (False, "", None, None)
