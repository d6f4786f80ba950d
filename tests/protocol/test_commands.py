"""Every frame that a client may send, and the answer to each bad one."""

import json
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chat.protocol import commands, parsing
from chat.protocol.errors import Code

ROOM = {"room": "lobby"}
GOOD = [
    ({"type": "chat_message", "message": "hello"}, commands.ChatMessage),
    ({"type": "room_message", **ROOM, "message": "hello", "client_id": "1", "reply_to": 4}, commands.ChatMessage),
    ({"type": "chat_message", "message": "hello", "thread": 1}, commands.ChatMessage),
    ({"type": "chat_message", "message": "hello", "thread": 1, "in_room": True}, commands.ChatMessage),
    ({"type": "chat_message", "message": "hello", "in_room": True}, commands.ChatMessage),
    ({"type": "typing", "is_typing": True, "thread": 1}, commands.Typing),
    ({"type": "history", "thread": 1, "before": 7}, commands.History),
    ({"type": "history", "all": True}, commands.History),
    ({"type": "thread_read", **ROOM, "thread": 1, "seq": 0}, commands.ThreadRead),
    ({"type": "follow", "thread": 1, "on": False}, commands.Follow),
    ({"type": "threads"}, commands.Threads),
    ({"type": "threads", **ROOM, "filter": "unread", "before": "7.1", "limit": 5}, commands.Threads),
    ({"type": "edit_message", **ROOM, "seq": 1, "message": "hello"}, commands.EditMessage),
    ({"type": "delete_message", "seq": 1}, commands.DeleteMessage),
    ({"type": "remove_preview", "seq": 1}, commands.RemovePreview),
    ({"type": "remove_preview", "seq": 1, "url": "https://example.org/"}, commands.RemovePreview),
    ({"type": "react", "seq": 1, "emoji": "👍", "on": True}, commands.React),
    ({"type": "react", "seq": 1, "emoji": "👩‍👩‍👧‍👦", "on": False}, commands.React),
    ({"type": "react", "seq": 1, "emoji": "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "on": True}, commands.React),
    ({"type": "react", "seq": 1, "emoji": "1️⃣", "on": True}, commands.React),
    ({"type": "react", "seq": 1, "emoji": ":ship-it:", "on": True}, commands.React),
    ({"type": "react", "seq": 1, "emoji": "🇩🇪", "on": True}, commands.React),
    ({"type": "react", "seq": 1, "emoji": "🫱🏻‍🫲🏿", "on": True}, commands.React),
    ({"type": "react", "seq": 1, "emoji": "❤️", "on": True}, commands.React),
    ({"type": "pin", "seq": 1, "on": True}, commands.Pin),
    ({"type": "pin_move", **ROOM, "seq": 1, "below": 2}, commands.PinMove),
    ({"type": "pin_move", "seq": 1, "below": None}, commands.PinMove),
    ({"type": "pins"}, commands.Pins),
    ({"type": "versions", "seq": 1}, commands.Versions),
    ({"type": "forward", "seq": 1, "to_room": "garden"}, commands.Forward),
    ({"type": "forward", "seq": 1, "to_room": "garden", "message": "look", "client_id": "c"}, commands.Forward),
    ({"type": "forward", "seq": 1, "to_room": "garden", "thread": 3, "in_room": True}, commands.Forward),
    ({"type": "forward_private", "seq": 1, "to": "bob", "message": ""}, commands.ForwardPrivate),
    ({"type": "save", "seq": 1, "on": True}, commands.Save),
    ({"type": "save", "seq": 1, "on": True, "done": True, "remind_at": None}, commands.Save),
    ({"type": "save", "seq": 1, "on": True, "remind_at": "2027-01-01T09:00", "tz": "Europe/Berlin"}, commands.Save),
    ({"type": "saved_messages", "done": True, "before": 7}, commands.SavedMessages),
    ({"type": "typing", "is_typing": True}, commands.Typing),
    ({"type": "read", "seq": 0}, commands.Read),
    ({"type": "mark_unread", "seq": 1}, commands.MarkUnread),
    ({"type": "history"}, commands.History),
    ({"type": "history", "before": 10, "limit": 100}, commands.History),
    ({"type": "history", "after": 0, "limit": 1}, commands.History),
    ({"type": "history", "around": 3}, commands.History),
    ({"type": "search", "query": "\0"}, commands.Search),
    ({"type": "search", "query": "a", "limit": 1, "after": "7", "tz": "UTC", "public": True}, commands.Search),
    ({"type": "resume", "epoch": "", "rooms": {}}, commands.Resume),
    ({"type": "resume", "epoch": "e", "rooms": {"lobby": 0, "dm-1-2": 7}}, commands.Resume),
    ({"type": "join_room", **ROOM}, commands.JoinRoom),
    ({"type": "leave_room"}, commands.LeaveRoom),
    ({"type": "private_message", "to": "bob", "message": "psst"}, commands.PrivateMessage),
    ({"type": "broadcast", "message": "tea is ready"}, commands.Broadcast),
    ({"type": "command", "command": "users"}, commands.Users),
    ({"type": "command", "command": "clear", **ROOM}, commands.Clear),
    ({"type": "command", "command": "kick", "username": "bob", "reason": "noise"}, commands.Kick),
    ({"type": "command", "command": "ban", "username": "bob"}, commands.Ban),
    ({"type": "command", "command": "ban", "username": "bob", "minutes": 5}, commands.Ban),
    ({"type": "command", "command": "unban", "username": "bob"}, commands.Unban),
    ({"type": "command", "command": "mute", "username": "bob", "minutes": 5}, commands.Mute),
    ({"type": "command", "command": "unmute", "username": "bob"}, commands.Unmute),
    ({"type": "command", "command": "topic", "topic": ""}, commands.Topic),
    ({"type": "room_update", "title": "Tea", "posting": "moderators", "slow_seconds": 30}, commands.RoomUpdate),
    ({"type": "room_update", **ROOM, "description": "a\nb", "keep_days": None}, commands.RoomUpdate),
    ({"type": "room_update", "address": "north-sea", "emoji": "🌊"}, commands.RoomUpdate),
    ({"type": "role", "username": "bob", "role": "moderator"}, commands.SetRole),
    ({"type": "bans", "before": 7}, commands.Bans),
    ({"type": "audit"}, commands.Audit),
    ({"type": "status", "emoji": "🍽️", "text": "Lunch", "until": "2027-01-01T12:00:00+01:00"}, commands.SetStatus),
    ({"type": "status", "emoji": "", "text": None, "presence": "busy"}, commands.SetStatus),
    ({"type": "block", "username": "bob", "on": True}, commands.Block),
    ({"type": "draft", "room": "lobby", "text": ""}, commands.Draft),
    ({"type": "draft", "text": "tea at", "thread": 4, "at": "2026-11-28T12:00:00+01:00"}, commands.Draft),
    ({"type": "drafts"}, commands.Drafts),
    ({"type": "read_all"}, commands.ReadAll),
    ({"type": "emoji"}, commands.OwnEmoji),
    ({"type": "emoji", "after": "ship-it"}, commands.OwnEmoji),
    ({"type": "groups"}, commands.Groups),
    ({"type": "inbox"}, commands.Inbox),
    ({"type": "inbox", "kind": "reactions", "before": 9, "limit": 5}, commands.Inbox),
    ({"type": "history", "at": "2026-11-28T00:00:00+01:00", "limit": 2}, commands.History),
    ({"type": "schedule", "message": "hi", "at": "2026-11-28T09:00", "zone": "Europe/Berlin"}, commands.Schedule),
    (
        {"type": "schedule", "message": "", "files": ["a" * 22], "at": "2026-11-28T09:00:01", "zone": "UTC", "fold": 1},
        commands.Schedule,
    ),
    ({"type": "schedule", "message": "hi", "at": "2026-11-28T09:00", "zone": "UTC", "thread": 3}, commands.Schedule),
    ({"type": "schedules"}, commands.Schedules),
    ({"type": "schedule_change", "id": 1, "message": "hello"}, commands.ChangeSchedule),
    ({"type": "schedule_cancel", "id": 1}, commands.CancelSchedule),
    ({"type": "schedule_send", "id": 1}, commands.SendScheduled),
    ({"type": "group_message", "to": ["bob", "carl"], "message": "hello", "client_id": "1"}, commands.GroupMessage),
    ({"type": "report", **ROOM, "seq": 1, "reason": "spam"}, commands.Report),
    ({"type": "reports", "closed": True}, commands.Reports),
    ({"type": "report_close", "id": 1, "outcome": "dismissed"}, commands.CloseReport),
    ({"type": "ping"}, commands.Ping),
    ({"type": "ping", "a field of a newer client": [1, {}]}, commands.Ping),
    ({"type": "ping", "request_id": "x" * 64}, commands.Ping),
    ({"type": "chat_message", "message": "\u200b<b>&'\"\n\t\x01 \U0001f600"}, commands.ChatMessage),
]


@pytest.mark.parametrize(("frame", "kind"), GOOD, ids=lambda value: str(value)[:60])
def test_a_command_is_understood(frame: dict[str, object], kind: type[commands.Command]) -> None:
    command = parsing.parse(json.dumps(frame))
    assert type(command) is kind
    told = command.model_dump(exclude_unset=True)
    assert told == {name: value for name, value in frame.items() if name in kind.model_fields}


def frame_of(**fields: object) -> str:
    return json.dumps(fields)


BAD = [
    ("", "bad_json", None),
    ("hello", "bad_json", None),
    ('{"type": "ping"', "bad_json", None),
    ("{'type': 'ping'}", "bad_json", None),
    ('{"type": "ping"} {"type": "ping"}', "bad_json", None),
    ('{"type": "ping"}\x00', "bad_json", None),
    ('\ufeff{"type": "ping"}', "bad_json", None),
    ("[]", "bad_json", None),
    ('[{"type": "ping"}]', "bad_json", None),
    ('"ping"', "bad_json", None),
    ("null", "bad_json", None),
    ("1", "bad_json", None),
    ("[" * 10_000 + "]" * 10_000, "bad_json", None),
    ('{"type": "ping", "deep": ' + "[" * 10_000 + "]" * 10_000 + "}", "bad_json", None),
    ('{"type": "ping", "deep": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}", "bad_json", None),
    ('{"type": "chat_message", "message": "\\ud800"}', "bad_json", None),
    ('{"type": "chat_message", "message": "a\\udfffb"}', "bad_json", None),
    ('{"type": "chat_message", "message": "a", "client_id": "\\ud83d"}', "bad_json", None),
    ('{"type": "ping", "\\ud800": 1}', "bad_json", None),
    ("{}", "unknown_type", None),
    (frame_of(type=None), "unknown_type", None),
    (frame_of(type=7), "unknown_type", None),
    (frame_of(type=["ping"]), "unknown_type", None),
    (frame_of(type="Ping"), "unknown_type", None),
    (frame_of(type="user_joined"), "unknown_type", None),
    (frame_of(type="__class__"), "unknown_type", None),
    (frame_of(type="command"), "invalid", "command"),
    (frame_of(type="command", command="dance"), "invalid", "command"),
    (frame_of(type="command", command=["kick"]), "invalid", "command"),
    (frame_of(type="command", command="kick"), "invalid", "username"),
    (frame_of(type="command", command="kick", username="b", reason="x" * 501), "invalid", "reason"),
    (frame_of(type="command", command="ban", username="b", minutes=0), "invalid", "minutes"),
    (frame_of(type="command", command="ban", username="b", minutes=525_601), "invalid", "minutes"),
    (frame_of(type="command", command="mute", username="b"), "invalid", "minutes"),
    (frame_of(type="command", command="topic", topic="a\x00b"), "invalid", "topic"),
    (frame_of(type="command", command="topic", topic="x" * 501), "invalid", "topic"),
    (frame_of(type="command", command="kick", username="x" * 65), "invalid", "username"),
    (frame_of(type="room_update", title="a\nb"), "invalid", "title"),
    (frame_of(type="room_update", description="x" * 1001), "invalid", "description"),
    (frame_of(type="room_update", description="\u202e"), "invalid", "description"),
    (frame_of(type="room_update", posting="nobody"), "invalid", "posting"),
    (frame_of(type="room_update", slow_seconds=-1), "invalid", "slow_seconds"),
    (frame_of(type="room_update", slow_seconds="1"), "invalid", "slow_seconds"),
    (frame_of(type="room_update", keep_days=3651), "invalid", "keep_days"),
    (frame_of(type="room_update", archived=1), "invalid", "archived"),
    (frame_of(type="role", username="bob", role="king"), "invalid", "role"),
    (frame_of(type="bans", before=0), "invalid", "before"),
    (frame_of(type="status", text="x" * 81), "invalid", "text"),
    (frame_of(type="status", emoji="x"), "invalid", "emoji"),
    (frame_of(type="status", until="tomorrow"), "invalid", "until"),
    (frame_of(type="status", until="2027-01-01T12:00:00"), "invalid", "until"),
    (frame_of(type="status", until="9999-12-31T23:59:59-14:00"), "invalid", "until"),
    (frame_of(type="status", presence="gone"), "invalid", "presence"),
    (frame_of(type="block", username="bob"), "invalid", "on"),
    (frame_of(type="schedule", message="", at="2026-11-28T09:00", zone="UTC"), "invalid", "message"),
    (frame_of(type="schedule", message="x", at="2026-11-28T09:00Z", zone="UTC"), "invalid", "at"),
    (frame_of(type="schedule", message="x", at="2026-11-28", zone="UTC"), "invalid", "at"),
    (frame_of(type="schedule", message="x", at="2026-11-28T09:00", zone="\x00"), "invalid", "zone"),
    (frame_of(type="schedule", message="x", at="2026-11-28T09:00", zone="UTC", fold=2), "invalid", "fold"),
    (frame_of(type="schedule", message="x", at="2026-11-28T09:00", zone="UTC", thread=0), "invalid", "thread"),
    (frame_of(type="schedule", message="x", at="2026-11-28T09:00", zone="UTC", in_room=False), "invalid", "in_room"),
    (frame_of(type="schedule_send", id=0), "invalid", "id"),
    (frame_of(type="history", at="2026-11-28"), "invalid", "at"),
    (frame_of(type="inbox", kind="all"), "invalid", "kind"),
    (frame_of(type="emoji", after="Ship It"), "invalid", "after"),
    (frame_of(type="draft"), "invalid", "text"),
    (frame_of(type="draft", text="x\x00"), "invalid", "text"),
    (frame_of(type="draft", text="x", thread=0), "invalid", "thread"),
    (frame_of(type="draft", text="x", at="now"), "invalid", "at"),
    (frame_of(type="group_message", to=[], message="a"), "invalid", "to"),
    (frame_of(type="group_message", to=["x"] * 51, message="a"), "invalid", "to"),
    (frame_of(type="report", seq=1, reason=""), "invalid", "reason"),
    (frame_of(type="report", seq=1, reason=" "), "invalid", "reason"),
    (frame_of(type="report_close", id=1, outcome="lost"), "invalid", "outcome"),
    (frame_of(type="chat_message", message="a", thread=0), "invalid", "thread"),
    (frame_of(type="chat_message", message="a", thread="1"), "invalid", "thread"),
    (frame_of(type="chat_message", message="a", in_room=False), "invalid", "in_room"),
    (frame_of(type="follow", thread=1), "invalid", "on"),
    (frame_of(type="thread_read", seq=1), "invalid", "thread"),
    (frame_of(type="threads", filter="mine"), "invalid", "filter"),
    (frame_of(type="threads", before="x" * 65), "invalid", "before"),
    (frame_of(type="chat_message"), "invalid", "message"),
    (frame_of(type="chat_message", message=None), "invalid", "message"),
    (frame_of(type="chat_message", message=5), "invalid", "message"),
    (frame_of(type="chat_message", message=["a"]), "invalid", "message"),
    (frame_of(type="chat_message", message=""), "invalid", "message"),
    (frame_of(type="chat_message", message=" \t\n\u00a0\u2003\u3000"), "invalid", "message"),
    (frame_of(type="chat_message", message="\u200b\u200d\ufeff\u2060"), "invalid", "message"),
    (frame_of(type="chat_message", message="\u3164\u2800\u115f"), "invalid", "message"),
    (frame_of(type="chat_message", message="\ufe0f\u034f\u180b\U000e0100"), "invalid", "message"),
    (frame_of(type="chat_message", message="\x01\x1b"), "invalid", "message"),
    (frame_of(type="chat_message", message="a\x00b"), "invalid", "message"),
    (frame_of(type="chat_message", message="a", client_id=""), "invalid", "client_id"),
    (frame_of(type="chat_message", message="a", client_id="x" * 65), "invalid", "client_id"),
    (frame_of(type="chat_message", message="a", client_id=7), "invalid", "client_id"),
    (frame_of(type="chat_message", message="a", client_id="a\x00"), "invalid", "client_id"),
    (frame_of(type="chat_message", message="a", reply_to=0), "invalid", "reply_to"),
    (frame_of(type="chat_message", message="a", reply_to="1"), "invalid", "reply_to"),
    (frame_of(type="chat_message", message="a", request_id="x" * 65), "invalid", "request_id"),
    (frame_of(type="chat_message", message="a", request_id=1), "invalid", "request_id"),
    (frame_of(type="chat_message", message="a", room="a b"), "invalid", "room"),
    (frame_of(type="chat_message", message="a", room="lobby\n"), "invalid", "room"),
    (frame_of(type="chat_message", message="a", room=""), "invalid", "room"),
    (frame_of(type="chat_message", message="a", room="x" * 65), "invalid", "room"),
    (frame_of(type="chat_message", message="a", room="größe"), "invalid", "room"),
    (frame_of(type="chat_message", message="a", room="../etc"), "invalid", "room"),
    (frame_of(type="search"), "invalid", "query"),
    (frame_of(type="search", query="a", limit=101), "invalid", "limit"),
    (frame_of(type="search", query="a", after=7), "invalid", "after"),
    (frame_of(type="read"), "invalid", "seq"),
    (frame_of(type="read", seq=-1), "invalid", "seq"),
    (frame_of(type="mark_unread", seq=0), "invalid", "seq"),
    (frame_of(type="read", seq=1.0), "invalid", "seq"),
    (frame_of(type="read", seq=True), "invalid", "seq"),
    (frame_of(type="read", seq="1"), "invalid", "seq"),
    (frame_of(type="read", seq=2**53 + 1), "invalid", "seq"),
    ('{"type": "read", "seq": ' + "9" * 400 + "}", "invalid", "seq"),
    ('{"type": "read", "seq": -' + "9" * 400 + "}", "invalid", "seq"),
    ('{"type": "read", "seq": 1e400}', "invalid", "seq"),
    ('{"type": "read", "seq": NaN}', "invalid", "seq"),
    (frame_of(type="delete_message", seq=0), "invalid", "seq"),
    (frame_of(type="remove_preview", seq=1, url=""), "invalid", "url"),
    (frame_of(type="react", seq=1, emoji="x", on=True), "invalid", "emoji"),
    (frame_of(type="react", seq=1, emoji="😀a", on=True), "invalid", "emoji"),
    (frame_of(type="react", seq=1, emoji="", on=True), "invalid", "emoji"),
    (frame_of(type="react", seq=1, emoji="😀😀", on=True), "invalid", "emoji"),
    (frame_of(type="react", seq=1, emoji="\ufffd", on=True), "invalid", "emoji"),
    (frame_of(type="react", seq=1, emoji="\u2800", on=True), "invalid", "emoji"),
    (frame_of(type="react", seq=1, emoji="😀" * 33, on=True), "invalid", "emoji"),
    (frame_of(type="react", seq=1, emoji="😀", on=1), "invalid", "on"),
    (frame_of(type="pin", seq=1), "invalid", "on"),
    (frame_of(type="save", seq=1, on=True, remind_at="soon"), "invalid", "remind_at"),
    (frame_of(type="save", seq=1, on=True, remind_at="0001-01-01T00:00"), "invalid", "remind_at"),
    (frame_of(type="pin", seq=0, on=True), "invalid", "seq"),
    (frame_of(type="pin_move", seq=1, below=-1), "invalid", "below"),
    (frame_of(type="room_update", pinning="nobody"), "invalid", "pinning"),
    (frame_of(type="room_update", calling="nobody"), "invalid", "calling"),
    (frame_of(type="room_update", adding="owners"), "invalid", "adding"),
    (frame_of(type="room_update", kind="direct"), "invalid", "kind"),
    (frame_of(type="room_update", edit_history="everyone"), "invalid", "edit_history"),
    (frame_of(type="room_update", replies="nowhere"), "invalid", "replies"),
    (frame_of(type="room_update", address="a b"), "invalid", "address"),
    (frame_of(type="room_update", address="x" * 65), "invalid", "address"),
    (frame_of(type="room_update", emoji="x"), "invalid", "emoji"),
    (frame_of(type="room_update", emoji=":shipit:"), "invalid", "emoji"),
    (frame_of(type="versions"), "invalid", "seq"),
    (frame_of(type="forward", seq=1), "invalid", "to_room"),
    (frame_of(type="forward", seq=1, to_room="a room"), "invalid", "to_room"),
    (frame_of(type="forward", seq=1, to_room="garden", message="a\x00"), "invalid", "message"),
    (frame_of(type="forward", seq=1, to_room="garden", in_room=False), "invalid", "in_room"),
    (frame_of(type="forward_private", seq=1), "invalid", "to"),
    (frame_of(type="forward_private", seq=0, to="bob"), "invalid", "seq"),
    (frame_of(type="typing", is_typing="yes"), "invalid", "is_typing"),
    (frame_of(type="history", limit=0), "invalid", "limit"),
    (frame_of(type="history", limit=101), "invalid", "limit"),
    (frame_of(type="history", before=5, after=3), "invalid", "frame"),
    (frame_of(type="resume", epoch="e"), "invalid", "rooms"),
    (frame_of(type="resume", epoch="e", rooms=["lobby"]), "invalid", "rooms"),
    (frame_of(type="resume", epoch="e", rooms={"lobby": "1"}), "invalid", "rooms.lobby"),
    (frame_of(type="resume", epoch="e", rooms={"a b": 1}), "invalid", "rooms.a b"),
    (frame_of(type="resume", epoch="e", rooms={f"r{n}": 1 for n in range(1001)}), "invalid", "rooms"),
    (frame_of(type="join_room"), "invalid", "room"),
    (frame_of(type="private_message", message="a"), "invalid", "to"),
    (frame_of(type="private_message", to="", message="a"), "invalid", "to"),
]


@pytest.mark.parametrize(("frame", "code", "field"), BAD, ids=lambda value: repr(value)[:60])
def test_a_bad_frame_is_refused_with_a_sentence(frame: str, code: str, field: str | None) -> None:
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert len(caught.value.message) < 400
    assert (None if caught.value.fields is None else list(caught.value.fields)) == (None if field is None else [field])


def test_an_error_is_brought_back_to_its_command() -> None:
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame_of(type="chat_message", message=" ", request_id="r1", client_id="c1"))
    assert (caught.value.request_id, caught.value.client_id) == ("r1", "c1")
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame_of(type="nonsense", request_id="r2", client_id=["c"]))
    assert (caught.value.request_id, caught.value.client_id) == ("r2", None)
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame_of(type="ping", request_id="x" * 65))
    assert caught.value.request_id is None


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame_of(type="react", seq="1", emoji="a", on=None))
    assert caught.value.code is Code.INVALID
    assert caught.value.fields == {
        "seq": "must be a whole number",
        "emoji": "must be one emoji",
        "on": "must be true or false",
    }
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame_of(type="resume", epoch=None, rooms={f"r{n}": 1 for n in range(1001)}))
    assert caught.value.fields == {"epoch": "must be a text", "rooms": "has too many entries"}


def test_a_command_that_does_not_declare_its_cost_and_order_is_refused_when_it_is_defined() -> None:
    with pytest.raises(TypeError, match=r"Wave does not declare its cost and ordered\."):

        class Wave(commands.RoomCommand):
            type: Literal["wave"]

    assert "Wave" not in {command.__name__ for command in commands.COMMANDS}


def test_a_command_does_not_inherit_the_cost_of_another() -> None:
    with pytest.raises(TypeError, match=r"Louder does not declare its cost\."):

        class Louder(commands.ChatMessage):
            ordered = True


def test_every_command_is_understood_above() -> None:
    assert {kind for _, kind in GOOD} == set(commands.COMMANDS)


def test_each_problem_of_a_field_has_its_words() -> None:
    class Inner(BaseModel):
        pass

    class Loose(BaseModel):
        model_config = ConfigDict(from_attributes=True)

    class Body(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True)
        text: str
        number: int
        flag: bool
        table: dict[str, int]
        few: list[int] = Field(max_length=1)
        inner: Inner
        loose: Loose
        needed: int

    wrong = {"text": 1, "number": "1", "flag": "yes", "table": [], "few": [1, 2], "inner": 1, "loose": 1, "more": 1}
    with pytest.raises(ValidationError) as caught:
        Body.model_validate(wrong)
    assert parsing.field_errors(caught.value) == {
        "text": "must be a text",
        "number": "must be a whole number",
        "flag": "must be true or false",
        "table": "must be an object",
        "few": "has too many entries",
        "inner": "must be an object",
        "loose": "must be an object",
        "needed": "is required",
        "more": "is not known here",
    }


def test_a_field_and_its_problem_are_cut_and_an_id_of_64_characters_comes_back() -> None:
    def refuse(_: object) -> None:
        raise ValueError("x" * 300)

    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(Annotated[str, AfterValidator(refuse)]).validate_python("a")
    assert parsing.field_errors(wrong.value) == {"frame": "x" * 200}
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame_of(type="resume", epoch="e", rooms={"x" * 200: 1}))
    assert list(caught.value.fields or {}) == ["rooms." + "x" * 94]
    with pytest.raises(parsing.BadFrame) as caught:
        parsing.parse(frame_of(type="nonsense", request_id="r" * 64, client_id="c" * 64))
    assert (caught.value.request_id, caught.value.client_id) == ("r" * 64, "c" * 64)
