"""The wire format: each event has exactly the fields of the contract."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol import events
from chat.protocol.errors import ChatError, Close, Code

MESSAGE = events.Message(
    room="lobby",
    seq=41,
    rev=57,
    kind="text",
    message="hello",
    username="ada",
    user_id=3,
    display_name="Ada",
    timestamp="2026-11-21T10:00:00.123456+00:00",
    client_id=None,
    reply_to=None,
    edited_at=None,
    deleted=False,
    deleted_by=None,
    reactions={},
    mentions=[],
)
MESSAGE_FIELDS = {
    *("type", "room", "seq", "rev", "kind", "message", "username", "user_id", "author", "display_name", "timestamp"),
    *("client_id", "reply_to", "edited_at", "deleted", "deleted_by", "reactions", "mentions", "files", "previews"),
    "pinned",
    *("thread", "in_room", "replies"),
}
ENTRY = events.RoomEntry(
    room="lobby",
    title="Lobby",
    topic="",
    kind="public",
    role="member",
    seq=9,
    rev=12,
    read_seq=3,
    unread=6,
    mentions=1,
    notify="all",
    archived=False,
)
JOINED = events.JoinedRoom(
    room="r", title="R", topic="", kind="public", role="owner", seq=1, rev=2, read_seq=1, members_online=1
)
SCHEDULED_FIELDS = {
    *("id", "room", "message", "reply_to", "thread", "in_room"),
    *("files", "at", "zone", "fold", "due", "state", "code", "problem"),
}
SCHEDULED = events.Scheduled(
    id=1,
    room="r",
    message="hi",
    reply_to=None,
    thread=None,
    in_room=True,
    files=[],
    at="2026-11-28T09:00",
    zone="UTC",
    fold=0,
    due="t",
    state="waiting",
    code="",
    problem="",
)
USER = events.UserEntry(username="ada", display_name="Ada", role="owner", online=True, typing=False)
HELLO = events.Authenticated(
    user_id=3, username="ada", display_name="Ada", staff=False, epoch="e", server_time="t", limits={"frame_bytes": 1}
)
FACTS = events.RoomFacts(room="r", rev=1, title="", topic="", kind="public", archived=False)
FACTS_FIELDS = {
    *("type", "room", "rev", "title", "topic", "kind", "archived"),
    *(
        "description",
        "posting",
        "slow_seconds",
        "keep_days",
        "picture",
        "previews",
        "pinning",
        "calling",
        "adding",
        "edit_history",
        "replies",
        "pins",
        "address",
        "emoji",
    ),
}

EVENTS: list[tuple[events.Event, set[str]]] = [
    (MESSAGE, MESSAGE_FIELDS),
    (
        MESSAGE.model_copy(update={"forwarded": events.Forwarded(start=0, timestamp="t")}),
        MESSAGE_FIELDS | {"forwarded"},
    ),
    (MESSAGE.model_copy(update={"imported": "slack"}), MESSAGE_FIELDS | {"imported"}),
    (MESSAGE.model_copy(update={"kind": "system", "system": {"event": "joined"}}), MESSAGE_FIELDS | {"system"}),
    (events.Cleared(room="r", before_seq=5, rev=6), {"type", "room", "before_seq", "rev"}),
    (FACTS, FACTS_FIELDS),
    (
        events.StatusChanged(emoji="", text="", until=None, presence="auto"),
        {"type", "emoji", "text", "until", "presence"},
    ),
    (events.Blocks(people=[]), {"type", "people"}),
    (events.Draft(room="r", thread=None, text="", at="t"), {"type", "room", "thread", "text", "at"}),
    (events.Drafts(drafts=[]), {"type", "drafts"}),
    (events.OwnEmoji(emoji=[], next=None, may_add=True), {"type", "emoji", "next", "may_add"}),
    (events.EmojiChanged(name="shipit", emoji=None), {"type", "name", "emoji"}),
    (events.Groups(groups=[]), {"type", "groups"}),
    (events.Inbox(kind="mentions", items=[], has_older=False), {"type", "kind", "items", "has_older"}),
    (events.Schedules(schedules=[]), {"type", "schedules"}),
    (SCHEDULED, {"type", *SCHEDULED_FIELDS, "seq"}),
    (events.ReportsOpen(room="r", open=1), {"type", "room", "open"}),
    (events.Reports(room="r", reports=[], has_older=False), {"type", "room", "reports", "has_older"}),
    (events.Bans(room="r", bans=[], has_older=False), {"type", "room", "bans", "has_older"}),
    (events.Audit(room="r", entries=[], has_older=False), {"type", "room", "entries", "has_older"}),
    (HELLO, {"type", "user_id", "username", "display_name", "staff", "epoch", "server_time", "limits"}),
    (events.Rooms(rooms=[ENTRY]), {"type", "rooms"}),
    (JOINED, {"type", "room", "title", "topic", "kind", "role", "seq", "rev", "read_seq", "members_online"}),
    (events.LeftRoom(room="r", reason="kicked"), {"type", "room", "reason"}),
    (events.LeftRoom(room="r", reason="left", request_id="1"), {"type", "room", "reason", "request_id"}),
    (
        events.History(room="r", messages=[], has_older=False, has_newer=False),
        {"type", "room", "messages", "has_older", "has_newer"},
    ),
    (
        events.Versions(room="r", seq=1, versions=[events.Version(message="a", timestamp="t")]),
        {"type", "room", "seq", "versions"},
    ),
    (events.Pins(room="r", messages=[MESSAGE]), {"type", "room", "messages"}),
    (
        events.History(room="r", messages=[], has_older=False, has_newer=False, after=3, thread=1, root=MESSAGE),
        {"type", "room", "messages", "has_older", "has_newer", "after", "thread", "root"},
    ),
    (
        events.Thread(room="r", thread=1, read_seq=1, unread=1, mentions=0, hidden_mentions=0, following=True),
        {"type", "room", "thread", "read_seq", "unread", "mentions", "hidden_mentions", "following"},
    ),
    (
        events.Threads(threads=[], next=None, unread=0, mentions=0, hidden_mentions={}),
        {"type", "threads", "next", "unread", "mentions", "hidden_mentions"},
    ),
    (events.Saved(room="r", seq=1, on=True), {"type", "room", "seq", "on", "done", "remind_at"}),
    (events.SavedMessages(saved=[], next=None, places={}), {"type", "saved", "next", "places"}),
    (events.Search(results=[], next=None), {"type", "results", "next"}),
    (
        events.Search(
            results=[events.SearchResult(message=MESSAGE, room="r", title="", marks=[(0, 1)])],
            next="7",
            indexed_until="2026-11-21T10:00:00+00:00",
            warnings=["w"],
        ),
        {"type", "results", "next", "indexed_until", "warnings"},
    ),
    (
        events.Resumed(room="r", complete=True, messages=[MESSAGE, FACTS], rev=1),
        {"type", "room", "complete", "messages", "rev"},
    ),
    (events.Typing(room="r", username="ada", is_typing=True), {"type", "room", "username", "is_typing"}),
    (
        events.Typing(room="r", username="ada", is_typing=True, thread=1),
        {"type", "room", "username", "is_typing", "thread"},
    ),
    (events.UserJoined(room="r", username="ada"), {"type", "room", "username"}),
    (events.UserLeft(room="r", username="ada"), {"type", "room", "username"}),
    (events.Presence(users={"ada": "online"}), {"type", "users"}),
    (events.Read(room="r", seq=4), {"type", "room", "seq"}),
    (events.Users(room="r", users=[USER]), {"type", "room", "users"}),
    (events.Announcement(message="m", username="ada", timestamp="t"), {"type", "message", "username", "timestamp"}),
    (events.Pong(timestamp="t"), {"type", "timestamp"}),
    (events.Pong(timestamp="t", request_id="1"), {"type", "timestamp", "request_id"}),
    (events.Ack(request_id="1"), {"type", "request_id"}),
    (
        events.PostedAck(client_id=None, room="r", seq=1, rev=1, timestamp="t", duplicate=False),
        {"type", "client_id", "room", "seq", "rev", "timestamp", "duplicate"},
    ),
    (events.Error(code="invalid", message="No."), {"type", "code", "message"}),
]


NAMES = [f"{type(event).__name__}-{number}" for number, (event, _) in enumerate(EVENTS)]


@pytest.mark.parametrize(("event", "fields"), EVENTS, ids=NAMES)
def test_an_event_has_the_fields_of_the_contract(event: events.Event, fields: set[str]) -> None:
    assert set(json.loads(event.encode())) == fields


texts = st.text(st.characters(codec="utf-8"), max_size=20)
acks = st.fixed_dictionaries(
    {
        "request_id": st.none() | texts,
        "client_id": st.none() | texts,
        "room": texts,
        "seq": st.integers(1, 2**53),
        "rev": st.integers(1, 2**53),
        "timestamp": texts,
        "duplicate": st.booleans(),
        "outside": st.lists(texts, max_size=3),
    }
)


@given(acks)
def test_the_answer_to_a_message_is_encoded_as_other_replies_are(fields: dict[str, Any]) -> None:
    ack = events.PostedAck(**fields)
    assert ack.encode() == events.Reply.encode(ack)


def test_a_message_says_null_where_there_is_nothing() -> None:
    told = json.loads(MESSAGE.encode())
    assert [name for name, value in told.items() if value is None] == [
        *("client_id", "reply_to", "edited_at", "deleted_by", "pinned", "thread", "replies"),
    ]


def test_messages_inside_other_events_look_as_they_do_alone() -> None:
    system = MESSAGE.model_copy(update={"kind": "system", "system": {"event": "joined", "username": "ada"}})
    page = events.History(room="lobby", messages=[MESSAGE, system], has_older=False, has_newer=False)
    resumed = events.Resumed(room="lobby", complete=True, messages=[MESSAGE, system], rev=57)
    alone = [json.loads(MESSAGE.encode()), json.loads(system.encode())]
    assert json.loads(page.encode())["messages"] == alone
    assert json.loads(resumed.encode())["messages"] == alone


def test_an_entry_names_the_other_person_of_a_direct_room_and_of_no_other() -> None:
    direct = replace(ENTRY, username="bob")
    plain, other = json.loads(events.Rooms(rooms=[ENTRY, direct]).encode())["rooms"]
    fields = {"room", "title", "topic", "kind", "role", "seq", "rev", "read_seq", "unread", "mentions", "notify"}
    assert fields <= set(plain)
    assert "username" not in plain
    assert other["username"] == "bob"


def test_an_error_has_only_the_fields_that_are_known() -> None:
    error = ChatError(Code.RATE_LIMITED, "Too fast.", retry_after=1.23456)
    told: dict[str, Any] = json.loads(events.Error.of(error, request_id="r", client_id="c").encode())
    assert told == {
        "type": "error",
        "code": "rate_limited",
        "message": "Too fast.",
        "request_id": "r",
        "client_id": "c",
        "retry_after": 1.235,
    }
    error = ChatError(Code.INVALID, "No.", fields={"seq": "is required"})
    assert json.loads(events.Error.of(error).encode()) == {
        "type": "error",
        "code": "invalid",
        "message": "No.",
        "fields": {"seq": "is required"},
    }


def test_a_client_that_waits_for_retry_after_has_waited_enough() -> None:
    for wait in (0.000_01, 0.0004, 0.0149, 0.2501):
        told = json.loads(events.Error.of(ChatError(Code.RATE_LIMITED, "Too fast.", retry_after=wait)).encode())
        assert wait <= told["retry_after"] < wait + 0.001


def test_text_travels_as_it_was_written() -> None:
    text = '<script>alert(1)</script> \u2028 \x01 "quotes" \\ 👩‍👧 𝔘'
    assert json.loads(MESSAGE.model_copy(update={"message": text}).encode())["message"] == text


def test_times_are_in_utc_to_the_microsecond() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))
    assert events.stamp(noon) == "2026-11-21T10:00:00.000000+00:00"
    assert events.stamp(datetime(2026, 11, 21, 10, 0, 0, 5, tzinfo=UTC)) == "2026-11-21T10:00:00.000005+00:00"


def test_only_what_has_no_number_may_be_dropped() -> None:
    ephemeral = {type(event).__name__ for event, _ in EVENTS if event.ephemeral}
    assert ephemeral == {"Typing", "UserJoined", "UserLeft", "Presence"}


def test_the_codes_are_those_of_the_contract() -> None:
    assert {code.value for code in Code} == {
        *("bad_json", "unknown_type", "invalid", "too_large", "not_found", "forbidden", "muted", "banned"),
        *("rate_limited", "conflict", "unavailable", "server_error", "unsupported", "quota"),
    }
    assert {int(code) for code in Close} == {1001, 1012, 4001, 4003, 4004, 4008, 4009, 4010, 4029}
