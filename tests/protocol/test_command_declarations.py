"""What a command declares: its name, its cost, whether it keeps its order, and the limits of its fields."""

import json

import pytest
from pydantic import ValidationError

from chat.protocol import commands, parsing
from chat.protocol.commands import COMMANDS, Budget, Command

# These change nothing in a room: their answers do not depend on earlier messages.
OUT_OF_ORDER: set[type[Command]] = {
    *(commands.Typing, commands.Read, commands.MarkUnread, commands.ThreadRead, commands.Search, commands.Ping),
    *(commands.Groups, commands.OwnEmoji, commands.SetStatus),
}
# These keep their order: after earlier messages of the same socket, and before its later ones.
IN_ORDER: set[type[Command]] = {
    *(commands.ChatMessage, commands.EditMessage, commands.DeleteMessage, commands.React, commands.PrivateMessage),
    *(commands.GroupMessage, commands.Forward, commands.ForwardPrivate, commands.RemovePreview, commands.Versions),
    *(commands.History, commands.Resume, commands.JoinRoom, commands.LeaveRoom, commands.Broadcast),
    *(commands.Users, commands.Clear, commands.Kick, commands.Ban, commands.Unban, commands.Mute, commands.Unmute),
    *(commands.Topic, commands.RoomUpdate, commands.SetRole, commands.Bans, commands.Audit, commands.Block),
    *(commands.Report, commands.Reports, commands.CloseReport, commands.Pin, commands.PinMove, commands.Pins),
    *(commands.Schedule, commands.Schedules, commands.ChangeSchedule, commands.CancelSchedule, commands.SendScheduled),
    *(commands.Save, commands.SavedMessages, commands.Draft, commands.Drafts, commands.Inbox, commands.ReadAll),
    *(commands.Follow, commands.Threads),
}
# A read-only token can send these.
FOR_READERS: set[type[Command]] = {
    *(commands.History, commands.Resume, commands.JoinRoom, commands.Users, commands.Bans, commands.Audit),
    *(commands.Reports, commands.Pins, commands.Versions, commands.Threads, commands.Inbox, commands.Drafts),
    *(commands.Schedules, commands.SavedMessages, commands.Search, commands.Groups, commands.OwnEmoji, commands.Ping),
}
# Sent all the time, by people who only read.
SIGNALS: set[type[Command]] = {
    *(commands.Typing, commands.Read, commands.MarkUnread, commands.ThreadRead, commands.Draft),
}


@pytest.mark.parametrize("kind", sorted(COMMANDS, key=str))
def test_a_command_keeps_its_order_if_a_room_is_changed_or_read_by_it(kind: type[Command]) -> None:
    assert kind.ordered is (kind in IN_ORDER)
    assert kind.ordered is not (kind in OUT_OF_ORDER)


@pytest.mark.parametrize("kind", sorted(COMMANDS, key=str))
def test_a_token_that_may_only_read_changes_nothing(kind: type[Command]) -> None:
    assert kind.reads is (kind in FOR_READERS)


@pytest.mark.parametrize("kind", sorted(COMMANDS, key=str))
def test_a_command_takes_from_the_budget_of_what_it_does(kind: type[Command]) -> None:
    if kind is commands.Ping:
        expected = None
    elif kind in FOR_READERS or kind is commands.ReadAll:
        expected = Budget.READS
    else:
        expected = Budget.SIGNALS if kind in SIGNALS else Budget.SENDS
    assert kind.cost.budget is expected


@pytest.mark.parametrize("kind", sorted(COMMANDS, key=str))
def test_a_command_costs_one_token_but_six_pages_where_it_may_read_that_much(kind: type[Command]) -> None:
    assert kind.cost.tokens == (6 if kind in {commands.Resume, commands.Users} else 1)


@pytest.mark.parametrize(
    ("frame", "field", "values"),
    [
        ({"type": "room_update"}, "kind", ["public", "private"]),
        ({"type": "room_update"}, "posting", ["everyone", "moderators"]),
        ({"type": "room_update"}, "pinning", ["everyone", "moderators"]),
        ({"type": "room_update"}, "calling", ["everyone", "moderators"]),
        ({"type": "room_update"}, "adding", ["everyone", "moderators"]),
        ({"type": "room_update"}, "edit_history", ["off", "moderators", "members"]),
        ({"type": "room_update"}, "replies", ["room", "thread"]),
        ({"type": "role", "username": "bob"}, "role", ["owner", "moderator", "member"]),
        ({"type": "report_close", "id": 1}, "outcome", ["deleted", "muted", "banned", "dismissed"]),
        ({"type": "status"}, "presence", ["auto", "away", "busy"]),
        ({"type": "search", "query": "tea"}, "order", ["newest", "best"]),
        ({"type": "threads"}, "filter", ["following", "unread", "all"]),
    ],
    ids=str,
)
def test_each_value_of_a_choice_is_understood(frame: dict[str, object], field: str, values: list[str]) -> None:
    for value in values:
        assert getattr(parsing.parse(json.dumps(frame | {field: value})), field) == value


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"type": "history"}, {"all": False, "limit": None, "thread": None}),
        ({"type": "status"}, {"presence": "auto", "changes": {}}),
        ({"type": "reports"}, {"closed": False, "before": None}),
        ({"type": "search", "query": "tea"}, {"order": "newest"}),
        ({"type": "command", "command": "kick", "username": "bob"}, {"reason": ""}),
        ({"type": "command", "command": "ban", "username": "bob"}, {"reason": "", "minutes": None}),
        ({"type": "command", "command": "mute", "username": "bob", "minutes": 1}, {"reason": ""}),
        ({"type": "room_update"}, {"changes": {}}),
        ({"type": "chat_message", "message": "tea"}, {"files": [], "thread": None, "shown_in_room": True}),
        ({"type": "forward_private", "seq": 1, "to": "bob"}, {"message": "", "comment": ""}),
    ],
    ids=str,
)
def test_what_a_frame_leaves_out(frame: dict[str, object], expected: dict[str, object]) -> None:
    command = parsing.parse(json.dumps(frame))
    assert {name: getattr(command, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("frame", "changes"),
    [
        ({"type": "status", "text": "Lunch", "request_id": "r1"}, {"text": "Lunch"}),
        ({"type": "status", "emoji": None, "presence": "busy"}, {"emoji": None, "presence": "busy"}),
        ({"type": "room_update", "room": "lobby", "title": "Tea", "request_id": "r1"}, {"title": "Tea"}),
        ({"type": "room_update", "keep_days": None, "archived": False}, {"keep_days": 0, "archived": False}),
        ({"type": "room_update", "keep_days": 7}, {"keep_days": 7}),
    ],
    ids=str,
)
def test_only_what_is_given_is_changed(frame: dict[str, object], changes: dict[str, object]) -> None:
    command = parsing.parse(json.dumps(frame))
    assert isinstance(command, commands.SetStatus | commands.RoomUpdate)
    assert command.changes == changes


def test_a_comment_that_is_blank_is_none() -> None:
    for message, comment in ((" \n", ""), (" look\n", " look\n")):
        forward = parsing.parse(json.dumps({"type": "forward", "seq": 1, "to_room": "garden", "message": message}))
        assert isinstance(forward, commands.Forward)
        assert forward.comment == comment


def test_a_history_is_asked_for_in_one_direction() -> None:
    bounds: dict[str, object] = {"before": 5, "after": 0, "around": 3, "at": "2026-11-28T00:00:00+01:00"}
    for one in bounds:
        parsing.parse(json.dumps({"type": "history", one: bounds[one]}))
        for other in bounds.keys() - {one}:
            with pytest.raises(parsing.BadFrame) as refused:
                parsing.parse(json.dumps({"type": "history", one: bounds[one], other: bounds[other]}))
            assert refused.value.fields == {"frame": "give one of before, after, around and at"}


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
