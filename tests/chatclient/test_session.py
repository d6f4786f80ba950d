"""The session alone, without a connection: frames and times go in, commands, events and results come out."""

import json
from typing import Any

import pytest

from chatclient.errors import AnswerLost, CommandRefused, NotAChatServer, TooLarge
from chatclient.events import Ack, Authenticated, Connected, Event, History, Message
from chatclient.feed import Feed, Position
from chatclient.outbox import Outbox
from chatclient.session import Session
from chatclient.timing import Timing

Object = dict[str, Any]

TIMING = Timing(idle=25.0, silence=10.0, answer=30.0, first_delay=0.5, longest_delay=30.0)
EVERY_ROOM = None


class Talk:
    """A session with its feed and outbox, and the frames a server could send."""

    def __init__(self, room: str | None = "lobby", *, position: Position | None = None) -> None:
        self.feed = Feed(size=1000, listen=True, position=position)
        self.outbox = Outbox(size=100)
        self.ids = 0
        self.session = Session(
            room=room, outbox=self.outbox, feed=self.feed, timing=TIMING, new_id=self._new_id, random=lambda: 1.0
        )

    def _new_id(self) -> str:
        self.ids += 1
        return f"r{self.ids}"

    def receive(self, *events: Object, now: float = 0.0) -> None:
        for event in events:
            self.session.receive(json.dumps(event), now)

    def open(self, *events: Object, now: float = 0.0, **hello: Any) -> None:
        """A connection on which the server introduces itself and sends these events."""
        self.session.opened(now)
        self.receive(authenticated(**hello), *events, now=now)

    def commands(self, now: float = 0.0) -> list[Object]:
        return self.session.commands(now)

    def types(self, now: float = 0.0) -> list[str]:
        return [command["type"] for command in self.commands(now)]

    def submit(self, client_id: str, *, room: str = "lobby", text: str = "hello") -> str:
        return self.session.submit({"type": "chat_message", "room": room, "message": text, "client_id": client_id})

    @property
    def events(self) -> list[Event]:
        """The events that wait for the reader; each is returned once."""
        return list(iter(self.feed.next, None))

    @property
    def event_types(self) -> list[str]:
        return [event.type for event in self.events]

    @property
    def settled(self) -> list[tuple[str, Any]]:
        found, self.session.settled = self.session.settled, []
        return found


def authenticated(**fields: Any) -> Object:
    return {"type": "authenticated", "username": "alice", "epoch": "one", "limits": {}, **fields}


def joined(room: str = "lobby", *, rev: int = 2, **fields: Any) -> Object:
    return {"type": "joined_room", "room": room, "seq": rev, "rev": rev, **fields}


def entry(room: str, *, rev: int = 2) -> Object:
    return {"room": room, "seq": rev, "rev": rev}


def rooms(*names: str, **fields: Any) -> Object:
    return {"type": "rooms", "rooms": [entry(name) for name in names], **fields}


def message(seq: int, room: str = "lobby", *, rev: int | None = None) -> Object:
    moment = "2026-11-21T10:00:00+00:00"
    return {
        "type": "message",
        "room": room,
        "seq": seq,
        "rev": rev or seq,
        "message": f"message {seq}",
        "username": "bob",
        "timestamp": moment,
    }


def page(*messages: Object, room: str = "lobby", **fields: Any) -> Object:
    return {"type": "history", "room": room, "messages": list(messages), **fields}


def ack(client_id: str, **fields: Any) -> Object:
    return {"type": "ack", "client_id": client_id, "room": "lobby", "seq": 3, "rev": 3, **fields}


def refused(code: str, **fields: Any) -> Object:
    return {"type": "error", "code": code, "message": "No.", **fields}


@pytest.fixture
def lobby() -> Talk:
    """A session in one room, its first events read."""
    talk = Talk()
    talk.open(joined())
    assert talk.event_types == ["authenticated", "joined_room", "connected"]
    return talk


@pytest.fixture
def everywhere() -> Talk:
    """A session of all rooms: `garden` and `lobby`."""
    talk = Talk(EVERY_ROOM)
    talk.open(rooms("garden", "lobby"))
    assert talk.event_types == ["authenticated", "rooms", "connected"]
    return talk


# --- Introduction ------------------------------------------------------------------------------------


def test_the_account_is_that_of_the_first_event(lobby: Talk) -> None:
    assert isinstance(lobby.session.me, Authenticated)
    assert lobby.session.me.username == "alice"
    assert lobby.session.ready


@pytest.mark.parametrize("first", [joined(), message(1), {"type": "pong"}])
def test_a_server_that_does_not_introduce_itself_is_no_chat_server(first: Object) -> None:
    talk = Talk()
    talk.session.opened(0.0)
    with pytest.raises(NotAChatServer):
        talk.receive(first)
    assert talk.event_types == []


def test_each_connection_begins_with_an_introduction(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.session.opened(1.0)
    with pytest.raises(NotAChatServer):
        lobby.receive(message(3))


def test_a_refusal_may_come_before_the_introduction() -> None:
    talk = Talk()
    talk.session.opened(0.0)
    talk.receive(refused("unavailable"))
    assert talk.event_types == ["error"]


def test_nothing_but_a_ping_is_sent_before_the_room_is_joined() -> None:
    talk = Talk()
    talk.open()
    talk.submit("c1")
    talk.session.ask({"type": "history"}, repeat=True)
    talk.session.send_latest({"type": "typing", "is_typing": True}, key="typing")
    assert not talk.session.ready
    assert talk.types(0.0) == []
    assert talk.types(25.0) == ["ping"]
    talk.receive(joined(), now=25.0)
    assert talk.types(25.0) == ["typing", "history", "chat_message"]


def test_a_room_keeps_the_name_that_the_server_gave_it() -> None:
    talk = Talk("LOBBY")
    talk.open(joined("lobby"))
    assert talk.session.room == "lobby"
    talk.receive(joined("garden"))
    assert talk.session.room == "lobby", "only the first one is the room of the socket"


def test_a_joined_room_does_not_begin_a_session_of_all_rooms() -> None:
    talk = Talk(EVERY_ROOM)
    talk.open(joined())
    assert not talk.session.ready
    assert talk.session.room is None


def test_a_list_of_rooms_does_not_begin_a_session_of_one_room() -> None:
    talk = Talk()
    talk.open(rooms("garden"))
    assert not talk.session.ready


def test_the_introduction_is_an_event_on_the_first_connection_only(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.open(joined())
    events = lobby.events
    assert [event.type for event in events] == ["joined_room", "connected"]
    assert events[-1] == Connected(again=True)


def test_a_connection_that_was_never_ready_does_not_make_the_next_one_a_return() -> None:
    talk = Talk()
    talk.open()
    talk.session.lost()
    talk.open(joined())
    events = talk.events
    assert [event.type for event in events] == ["authenticated", "authenticated", "joined_room", "connected"]
    assert events[-1] == Connected(again=False)


def test_a_session_with_a_position_begins_with_a_return() -> None:
    talk = Talk(position=Position("one", {"lobby": (1, 1)}))
    talk.open(joined(rev=3))
    assert talk.event_types == ["joined_room", "connected"]
    assert talk.commands() == [{"type": "resume", "epoch": "one", "rooms": {"lobby": 1}, "request_id": "r1"}]


def test_another_epoch_is_reloaded(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.open(joined(rev=9), epoch="two")
    assert [event.type for event in lobby.events] == ["joined_room", "reloaded", "connected"]
    assert lobby.commands() == [{"type": "history", "room": "lobby", "limit": 100, "request_id": "r1"}]


# --- Rooms after a break -----------------------------------------------------------------------------


def test_rooms_that_were_joined_besides_the_first_are_joined_again(lobby: Talk) -> None:
    asked = [lobby.session.ask({"type": "join_room", "room": room}, repeat=True) for room in ("shed", "garden")]
    lobby.commands()
    lobby.receive(*(joined(room, request_id=one) for room, one in zip(("shed", "garden"), asked, strict=True)))
    lobby.session.lost()
    lobby.open(joined())
    again = lobby.commands()
    assert [(command["type"], command["room"]) for command in again] == [
        ("join_room", "garden"),
        ("join_room", "shed"),
    ], "in the order of their names, and not the socket's own room"
    lobby.receive(joined("garden", request_id=again[0]["request_id"]))
    assert "garden" in lobby.feed.rooms
    assert [one for one, _ in lobby.settled] == asked, "the answer to the session's own question is nobody else's"


def test_a_session_of_all_rooms_joins_those_again_that_it_had_joined_itself(everywhere: Talk) -> None:
    asked = everywhere.session.ask({"type": "join_room", "room": "shed"}, repeat=True)
    everywhere.receive(joined("shed", request_id=asked))
    everywhere.session.lost()
    everywhere.open(rooms("garden", "lobby"))
    assert [(command["type"], command["room"]) for command in everywhere.commands()] == [("join_room", "shed")]


def test_a_first_connection_joins_nothing_again(everywhere: Talk) -> None:
    assert everywhere.commands() == []


def test_a_room_that_was_left_is_not_joined_again(everywhere: Talk) -> None:
    asked = everywhere.session.ask({"type": "join_room", "room": "shed"}, repeat=True)
    everywhere.receive(joined("shed", request_id=asked), {"type": "left_room", "room": "shed"})
    assert "shed" not in everywhere.feed.rooms
    everywhere.session.lost()
    everywhere.open(rooms("garden", "lobby"))
    assert everywhere.commands() == []


def test_a_room_that_refuses_the_return_is_gone(lobby: Talk) -> None:
    asked = lobby.session.ask({"type": "join_room", "room": "shed"}, repeat=True)
    lobby.receive(joined("shed", request_id=asked))
    lobby.session.lost()
    lobby.open(joined())
    assert lobby.events
    settled = lobby.settled
    [again] = lobby.commands()
    lobby.receive(refused("not_found", request_id=again["request_id"]))
    [gone] = lobby.events
    assert (gone.type, gone.room, gone.reason) == ("left_room", "shed", "gone")  # type: ignore[attr-defined]
    assert "shed" not in lobby.feed.rooms
    assert [one for one, _ in settled] == [asked]
    assert lobby.settled == [], "nothing waits for the session's own question"


def test_a_room_that_refused_the_return_is_not_joined_the_next_time(everywhere: Talk) -> None:
    asked = everywhere.session.ask({"type": "join_room", "room": "shed"}, repeat=True)
    everywhere.receive(joined("shed", request_id=asked))
    everywhere.session.lost()
    everywhere.open(rooms("garden", "lobby"))
    [again] = everywhere.commands()
    everywhere.receive(refused("banned", request_id=again["request_id"]))
    everywhere.session.lost()
    everywhere.open(rooms("garden", "lobby"))
    assert everywhere.commands() == []


def test_a_room_that_is_missing_in_the_list_is_gone(everywhere: Talk) -> None:
    everywhere.session.lost()
    everywhere.open(rooms("lobby"))
    assert everywhere.event_types == ["rooms", "left_room", "connected"]
    assert everywhere.feed.rooms == {"lobby"}


def test_a_joined_room_that_is_missing_in_the_list_is_kept(everywhere: Talk) -> None:
    asked = everywhere.session.ask({"type": "join_room", "room": "shed"}, repeat=True)
    everywhere.receive(joined("shed", request_id=asked))
    everywhere.session.lost()
    everywhere.open(rooms("garden", "lobby"))
    assert everywhere.feed.rooms == {"garden", "lobby", "shed"}


def test_a_long_list_of_rooms_comes_in_parts(everywhere: Talk) -> None:
    everywhere.session.lost()
    everywhere.open(rooms("garden", more=True))
    assert not everywhere.session.ready, "rooms of the second part are not gone yet"
    everywhere.receive(rooms("lobby"))
    assert everywhere.session.ready
    assert everywhere.feed.rooms == {"garden", "lobby"}


def test_a_list_that_broke_off_is_not_joined_to_the_next(everywhere: Talk) -> None:
    everywhere.session.lost()
    everywhere.open(rooms("garden", more=True))
    everywhere.session.lost()
    everywhere.open(rooms("lobby"))
    assert everywhere.feed.rooms == {"lobby"}


def test_a_list_of_a_connection_is_not_joined_to_that_of_the_next(everywhere: Talk) -> None:
    everywhere.session.lost()
    everywhere.open(rooms("garden", "lobby"))
    everywhere.session.lost()
    everywhere.open(rooms("lobby"))
    assert everywhere.feed.rooms == {"lobby"}


def test_a_later_entry_adds_a_room_and_removes_none(everywhere: Talk) -> None:
    everywhere.receive(rooms("shed"))
    assert everywhere.feed.rooms == {"garden", "lobby", "shed"}
    assert everywhere.event_types == ["rooms"]
    assert everywhere.feed.position.rooms["shed"] == (2, 2)


# --- Messages ----------------------------------------------------------------------------------------


def test_a_message_is_sent_under_its_client_id(lobby: Talk) -> None:
    assert lobby.submit("c1") == "c1"
    sent = {"type": "chat_message", "room": "lobby", "message": "hello", "client_id": "c1", "request_id": "c1"}
    assert lobby.commands() == [sent]
    assert lobby.commands() == []
    lobby.receive(ack("c1"))
    [(one, outcome)] = lobby.settled
    assert one == "c1"
    assert isinstance(outcome, Ack)
    assert (outcome.seq, len(lobby.outbox)) == (3, 0)


def test_an_unacknowledged_message_is_sent_again_on_the_next_connection(lobby: Talk) -> None:
    lobby.submit("c1")
    first = lobby.commands()
    lobby.session.lost()
    assert lobby.commands() == []
    lobby.open(joined())
    assert lobby.commands() == first
    assert lobby.settled == []


def test_an_ack_of_an_unknown_message_changes_nothing(lobby: Talk) -> None:
    lobby.submit("c1")
    lobby.receive(ack("c2"))
    assert (lobby.settled, lobby.event_types, len(lobby.outbox)) == ([], [], 1)


def test_an_ack_without_a_client_id_answers_a_request(lobby: Talk) -> None:
    asked = lobby.session.ask({"type": "edit_message", "seq": 1}, repeat=False)
    lobby.receive({"type": "ack", "request_id": asked, "rev": 7})
    [(one, outcome)] = lobby.settled
    assert (one, outcome.rev) == (asked, 7)


@pytest.mark.parametrize("field", ["client_id", "request_id"])
@pytest.mark.parametrize("code", ["forbidden", "conflict", "invalid", "muted"])
def test_a_permanent_refusal_settles_the_message(lobby: Talk, code: str, field: str) -> None:
    lobby.submit("c1")
    lobby.commands()
    lobby.receive(refused(code, fields={"message": "is bad"}, **{field: "c1"}))
    [(one, error)] = lobby.settled
    assert one == "c1"
    assert isinstance(error, CommandRefused)
    assert (error.code, error.fields, str(error)) == (code, {"message": "is bad"}, "No. (message: is bad)")
    assert len(lobby.outbox) == 0
    lobby.submit("c2")
    assert lobby.types() == ["chat_message"], "a permanent refusal holds nothing else up"


@pytest.mark.parametrize("code", ["rate_limited", "unavailable", "server_error"])
def test_a_temporary_refusal_sends_the_message_again_after_the_time_that_the_server_names(
    lobby: Talk, code: str
) -> None:
    lobby.submit("c1")
    lobby.commands()
    lobby.receive(refused(code, client_id="c1", retry_after=7.0), now=100.0)
    assert lobby.settled == []
    assert lobby.types(106.9) == []
    assert lobby.session.wake_at == 107.0
    assert lobby.types(107.0) == ["chat_message"]


def test_no_message_is_sent_while_a_limit_is_waited_for_and_signals_are(lobby: Talk) -> None:
    lobby.receive(refused("rate_limited", client_id="c0", retry_after=5.0))
    lobby.submit("c1")
    lobby.session.ask({"type": "history"}, repeat=True)
    lobby.session.send_latest({"type": "read", "seq": 4}, key="read")
    assert lobby.types(4.9) == ["read"]
    assert lobby.types(5.0) == ["history", "chat_message"]


def test_a_shorter_wait_does_not_shorten_a_longer_one(lobby: Talk) -> None:
    lobby.submit("c1")
    lobby.receive(refused("rate_limited", client_id="c0", retry_after=9.0))
    lobby.receive(refused("rate_limited", client_id="c0", retry_after=1.0))
    assert lobby.types(8.9) == []
    assert lobby.types(9.0) == ["chat_message"]


def test_a_new_connection_ends_the_wait(lobby: Talk) -> None:
    lobby.submit("c1")
    lobby.receive(refused("rate_limited", client_id="c1", retry_after=60.0))
    lobby.session.lost()
    lobby.open(joined(), now=10.0)
    assert lobby.types(10.0) == ["chat_message"]


def test_without_a_time_the_wait_doubles_and_an_ack_ends_the_doubling(lobby: Talk) -> None:
    lobby.submit("c1")
    now = 0.0
    for wait in (0.5, 1.0, 2.0, 4.0):
        assert lobby.types(now) == ["chat_message"]
        lobby.receive(refused("unavailable", client_id="c1"), now=now)
        assert lobby.types(now + wait - 0.1) == []
        now += wait
    assert lobby.types(now) == ["chat_message"]
    lobby.receive(ack("c1"), now=now)
    lobby.submit("c2")
    assert lobby.types(now) == ["chat_message"]
    lobby.receive(refused("unavailable", client_id="c2"), now=now)
    assert lobby.types(now + 0.5) == ["chat_message"]


def test_a_message_that_the_server_fails_at_five_times_is_given_up(lobby: Talk) -> None:
    lobby.submit("c1")
    for attempt in range(5):
        assert lobby.settled == [], attempt
        assert lobby.types() == ["chat_message"]
        lobby.receive(refused("server_error", client_id="c1", retry_after=0.0))
    [(one, error)] = lobby.settled
    assert (one, error.code) == ("c1", "server_error")


def test_limits_and_outages_are_no_failures_of_a_message(lobby: Talk) -> None:
    lobby.submit("c1")
    for code in [*["server_error"] * 4, *["rate_limited", "unavailable"] * 5]:
        lobby.commands()
        lobby.receive(refused(code, client_id="c1", retry_after=0.0))
    assert (lobby.settled, lobby.types()) == ([], ["chat_message"])


def test_each_message_has_five_attempts_of_its_own(lobby: Talk) -> None:
    for client_id in ("c1", "c2"):
        lobby.submit(client_id)
    for _ in range(4):
        lobby.commands()
        lobby.receive(refused("server_error", client_id="c1", retry_after=0.0))
    lobby.receive(ack("c1"))
    assert lobby.settled[0][0] == "c1"
    lobby.submit("c1")
    for _ in range(4):
        lobby.commands()
        lobby.receive(refused("server_error", client_id="c2", retry_after=0.0))
    assert lobby.settled == []
    lobby.receive(ack("c2"))
    assert [one for one, _ in lobby.settled] == ["c2"]
    for _ in range(4):
        lobby.commands()
        lobby.receive(refused("server_error", client_id="c1", retry_after=0.0))
    assert lobby.settled == [], "a client_id that comes again begins anew"


# --- The size of frames ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "chars", "fits"),
    [
        ({"frame_bytes": 300}, 180, True),
        ({"frame_bytes": 300}, 300, False),
        ({"frame_bytes": 0}, 1_000_000, True),
        ({"frame_bytes": "many"}, 65_000, True),
        ({"frame_bytes": "many"}, 65_536, False),
        ({}, 65_000, True),
        ({}, 65_536, False),
    ],
)
def test_a_message_larger_than_a_frame_is_not_sent(limits: Object, chars: int, fits: bool) -> None:
    talk = Talk()
    talk.open(joined(), limits=limits)
    talk.submit("c1", text="x" * chars)
    assert talk.types() == (["chat_message"] if fits else [])
    assert [(one, type(error)) for one, error in talk.settled] == ([] if fits else [("c1", TooLarge)])
    assert len(talk.outbox) == fits


@pytest.mark.parametrize(("spare", "sent"), [(0, ["chat_message"]), (-1, [])])
def test_the_limit_counts_bytes_and_includes_the_last_one(spare: int, sent: list[str]) -> None:
    talk = Talk()
    command = {"type": "chat_message", "room": "lobby", "message": "ä" * 10, "client_id": "c1", "request_id": "c1"}
    size = len(json.dumps(command, ensure_ascii=False, separators=(",", ":")).encode())
    talk.open(joined(), limits={"frame_bytes": size + spare})
    talk.submit("c1", text="ä" * 10)
    assert talk.types() == sent


def test_a_message_that_is_too_large_holds_no_other_up(lobby: Talk) -> None:
    lobby.submit("large", text="x" * 70_000)
    lobby.submit("small", room="garden")
    assert [command["client_id"] for command in lobby.commands()] == ["small"]
    [(one, error)] = lobby.settled
    assert (one, str(error)) == ("large", "The message is too large for the server.")


# --- Questions ---------------------------------------------------------------------------------------


def test_a_question_is_answered_under_its_id(lobby: Talk) -> None:
    asked = lobby.session.ask({"type": "history", "room": "lobby"}, repeat=True)
    assert lobby.commands() == [{"type": "history", "room": "lobby", "request_id": asked}]
    assert lobby.commands() == [], "it is sent once"
    lobby.receive(page(message(1), request_id=asked))
    [(one, answer)] = lobby.settled
    assert one == asked
    assert isinstance(answer, History)
    assert lobby.event_types == []
    lobby.receive(page(message(1), request_id=asked))
    assert (lobby.settled, lobby.event_types) == ([], []), "an answer that nothing waits for"


def test_a_withdrawn_question_is_not_sent_and_its_answer_is_dropped(lobby: Talk) -> None:
    asked = lobby.session.ask({"type": "command", "command": "users"}, repeat=True)
    lobby.session.withdraw(asked)
    assert lobby.commands() == []
    lobby.receive({"type": "users", "room": "lobby", "users": [], "request_id": asked})
    assert lobby.settled == []


def test_other_answers_settle_their_question_and_are_no_events(lobby: Talk) -> None:
    asked = lobby.session.ask({"type": "command", "command": "users"}, repeat=True)
    lobby.receive({"type": "users", "room": "lobby", "users": [], "request_id": asked})
    assert [one for one, _ in lobby.settled] == [asked]
    assert lobby.event_types == []


@pytest.mark.parametrize("repeat", [True, False])
def test_a_break_loses_the_answer_of_what_may_not_be_repeated(lobby: Talk, repeat: bool) -> None:
    asked = lobby.session.ask({"type": "edit_message", "seq": 1}, repeat=repeat)
    lobby.commands()
    lobby.session.lost()
    settled = lobby.settled
    lobby.open(joined())
    if repeat:
        assert (settled, lobby.types()) == ([], ["edit_message"])
        return
    [(one, error)] = settled
    assert (one, type(error)) == (asked, AnswerLost)
    assert str(error) == "The connection broke before the answer came; it may have been done all the same."
    assert lobby.types() == []


def test_a_question_that_was_not_sent_yet_survives_a_break(lobby: Talk) -> None:
    lobby.session.ask({"type": "edit_message", "seq": 1}, repeat=False)
    lobby.session.lost()
    assert lobby.settled == []
    lobby.open(joined())
    assert lobby.types() == ["edit_message"]


@pytest.mark.parametrize("code", ["rate_limited", "unavailable", "server_error"])
def test_a_question_that_is_refused_temporarily_is_asked_again(lobby: Talk, code: str) -> None:
    asked = lobby.session.ask({"type": "history"}, repeat=False)
    lobby.commands()
    lobby.receive(refused(code, request_id=asked, retry_after=3.0))
    assert (lobby.types(2.9), lobby.types(3.0)) == ([], ["history"])
    assert lobby.settled == []


def test_a_question_that_the_server_fails_at_five_times_is_given_up(lobby: Talk) -> None:
    asked = lobby.session.ask({"type": "history"}, repeat=True)
    for _ in range(3):
        lobby.receive(refused("unavailable", request_id=asked, retry_after=0.0))
    for _ in range(5):
        assert lobby.settled == []
        assert lobby.types() == ["history"]
        lobby.receive(refused("server_error", request_id=asked, retry_after=0.0))
    [(one, error)] = lobby.settled
    assert (one, error.code) == (asked, "server_error")
    assert lobby.types() == []


def test_a_question_that_is_refused_is_settled(lobby: Talk) -> None:
    asked = lobby.session.ask({"type": "history"}, repeat=True)
    lobby.commands()
    lobby.receive(refused("forbidden", request_id=asked, retry_after=2.5))
    [(one, error)] = lobby.settled
    assert (one, error.code, error.retry_after) == (asked, "forbidden", 2.5)
    assert lobby.types() == [], "it is not asked again"
    assert lobby.event_types == []


def test_a_frame_that_was_refused_unread_sends_all_again_that_may_be_repeated(lobby: Talk) -> None:
    lobby.submit("c1")
    lobby.session.ask({"type": "history"}, repeat=True)
    lobby.session.ask({"type": "edit_message", "seq": 1}, repeat=False)
    lobby.commands()
    lobby.receive(refused("rate_limited", retry_after=2.0))
    assert lobby.event_types == ["error"]
    assert (lobby.types(1.9), lobby.types(2.0)) == ([], ["history", "chat_message"])


@pytest.mark.parametrize("refusal", [refused("forbidden"), refused("rate_limited", request_id="of another")])
def test_other_refusals_without_a_question_are_events_and_send_nothing_again(lobby: Talk, refusal: Object) -> None:
    lobby.submit("c1")
    lobby.session.ask({"type": "history"}, repeat=True)
    lobby.commands()
    lobby.receive({**refusal, "retry_after": 0.0})
    assert lobby.types() == []
    assert lobby.event_types == ["error"]


# --- Commands without an answer ----------------------------------------------------------------------


def test_of_several_signals_with_one_key_the_newest_is_sent_once(lobby: Talk) -> None:
    lobby.session.send_latest({"type": "read", "seq": 3}, key="read lobby")
    lobby.session.send_latest({"type": "read", "seq": 4}, key="read lobby")
    lobby.session.send_latest({"type": "typing", "is_typing": True}, key="typing")
    assert lobby.commands() == [{"type": "read", "seq": 4}, {"type": "typing", "is_typing": True}]
    assert lobby.commands() == []


def test_read_marks_survive_a_break_and_typing_does_not(lobby: Talk) -> None:
    for kind in ("read", "mark_unread", "typing"):
        lobby.session.send_latest({"type": kind, "seq": 3}, key=kind)
    lobby.session.lost()
    lobby.open(joined())
    assert lobby.types() == ["read", "mark_unread"]


# --- Events for the reader ---------------------------------------------------------------------------


def test_live_events_are_passed_on(lobby: Talk) -> None:
    facts = {"type": "room", "room": "lobby", "rev": 5, "title": "Lobby"}
    lobby.receive(message(3), {"type": "cleared", "room": "lobby", "before_seq": 2, "rev": 4}, facts)
    assert lobby.event_types == ["message", "cleared", "room"]
    assert lobby.feed.position.rooms["lobby"] == (5, 3)


def test_a_batch_is_taken_in_order(lobby: Talk) -> None:
    lobby.session.receive(json.dumps([message(3), message(4)]), 0.0)
    assert [event.seq for event in lobby.events if isinstance(event, Message)] == [3, 4]


def test_read_marks_are_events_and_pongs_are_none(lobby: Talk) -> None:
    lobby.receive({"type": "read", "room": "lobby", "seq": 2}, {"type": "pong"}, {"type": "presence", "users": {}})
    assert lobby.event_types == ["read", "presence"]


def test_a_read_mark_is_kept_for_a_reader_who_is_slow_and_typing_is_not(lobby: Talk) -> None:
    lobby.feed.paused = True
    typing = {"type": "typing", "room": "lobby", "username": "bob", "is_typing": True}
    lobby.receive({"type": "read", "room": "lobby", "seq": 2}, typing, refused("forbidden"))
    assert lobby.event_types == ["read"]


def test_a_room_that_was_left_is_an_event_and_answers_the_question(everywhere: Talk) -> None:
    asked = everywhere.session.ask({"type": "leave_room", "room": "garden"}, repeat=False)
    everywhere.receive({"type": "left_room", "room": "garden", "request_id": asked})
    assert everywhere.event_types == ["left_room"]
    assert everywhere.feed.rooms == {"lobby"}
    assert [one for one, _ in everywhere.settled] == [asked]


def test_the_first_page_is_an_event_on_the_first_connection_only() -> None:
    talk = Talk()
    talk.open(joined(), page(message(2)))
    assert talk.event_types[-1] == "history"
    talk.session.lost()
    talk.open(joined(), page(message(2)))
    assert talk.event_types == ["joined_room", "connected"]


def test_the_page_that_replaces_what_is_lost_is_passed_on_once(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.open(joined(rev=9), page(message(9)), epoch="two")
    assert [event.type for event in lobby.events] == ["joined_room", "reloaded", "connected", "history"]


def test_a_resume_is_asked_and_its_answer_passed_on(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.open(joined(rev=4))
    assert lobby.event_types == ["joined_room", "connected"]
    assert lobby.session.wake_at == 0.0, "the resume waits to be sent"
    assert lobby.commands() == [{"type": "resume", "epoch": "one", "rooms": {"lobby": 2}, "request_id": "r1"}]
    missed = {"type": "resumed", "room": "lobby", "complete": True, "messages": [message(3), message(4)], "rev": 4}
    lobby.receive({**missed, "request_id": "r1"})
    assert lobby.event_types == ["message", "message"]
    assert lobby.settled == []


def test_an_answered_resume_is_waited_for_no_longer(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.open(joined(rev=4))
    lobby.commands()
    lobby.receive({"type": "resumed", "room": "lobby", "complete": True, "messages": [], "rev": 4}, now=20.0)
    assert lobby.session.trouble(30.0) is None


def test_pages_of_a_reload_are_asked_for_one_after_the_other(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.open(joined(rev=9))
    [resume] = lobby.commands()
    gone = {"type": "resumed", "room": "lobby", "complete": False, "messages": [], "rev": 9}
    lobby.receive({**gone, "request_id": resume["request_id"]})
    [asked] = lobby.commands()
    assert asked == {"type": "history", "room": "lobby", "limit": 100, "after": 2, "request_id": "r2"}
    lobby.receive(page(message(3), has_newer=True, request_id="r2"))
    [asked] = lobby.commands()
    assert asked["after"] == 3
    lobby.receive(page(message(9), request_id=asked["request_id"]))
    assert lobby.event_types == ["joined_room", "connected", "reloaded", "message", "message"]
    assert lobby.settled == []


# --- Time --------------------------------------------------------------------------------------------


def test_a_silent_server_is_pinged_and_then_given_up(lobby: Talk) -> None:
    assert lobby.session.wake_at == 25.0
    assert lobby.types(24.9) == []
    assert lobby.commands(25.0) == [{"type": "ping"}]
    assert lobby.types(26.0) == []
    assert lobby.session.wake_at == 35.0
    assert lobby.session.trouble(34.9) is None
    assert lobby.session.trouble(35.0) == "The server went silent."


def test_every_frame_shows_that_the_server_is_there(lobby: Talk) -> None:
    assert lobby.types(25.0) == ["ping"]
    lobby.receive({"type": "pong"}, now=30.0)
    assert lobby.session.trouble(36.0) is None
    assert lobby.session.wake_at == 55.0


def test_a_new_connection_is_quiet_from_its_own_beginning(lobby: Talk) -> None:
    lobby.commands(25.0)
    lobby.session.lost()
    lobby.session.opened(100.0)
    assert lobby.session.wake_at == 125.0


@pytest.mark.parametrize("kind", ["message", "question"])
def test_a_server_that_does_not_answer_is_given_up(lobby: Talk, kind: str) -> None:
    if kind == "message":
        lobby.submit("c1")
    else:
        lobby.session.ask({"type": "history"}, repeat=True)
    lobby.commands(10.0)
    for moment in (20.0, 30.0, 39.0):
        lobby.receive({"type": "presence", "users": {}}, now=moment)
    assert lobby.session.wake_at == 40.0
    assert lobby.session.trouble(39.9) is None
    assert lobby.session.trouble(40.0) == "The server does not answer."


def test_the_oldest_question_counts(lobby: Talk) -> None:
    lobby.session.ask({"type": "history"}, repeat=True)
    lobby.commands(1.0)
    lobby.submit("c1")
    lobby.commands(5.0)
    lobby.receive({"type": "presence", "users": {}}, now=24.0)
    assert lobby.session.trouble(30.9) is None
    assert lobby.session.trouble(31.0) == "The server does not answer."


def test_what_waits_to_be_sent_wakes_the_session_when_it_may_be(lobby: Talk) -> None:
    lobby.receive(refused("rate_limited", retry_after=7.0))
    assert lobby.session.wake_at == 25.0, "nothing waits"
    lobby.session.ask({"type": "history"}, repeat=True)
    assert lobby.session.wake_at == 7.0
    lobby.session.lost()
    assert lobby.session.wake_at == 25.0, "nothing can be sent"


def test_a_waiting_message_wakes_the_session(lobby: Talk) -> None:
    lobby.receive(refused("rate_limited", retry_after=7.0))
    lobby.submit("c1")
    assert lobby.session.wake_at == 7.0
    lobby.receive(refused("rate_limited", retry_after=60.0))
    assert lobby.session.wake_at == 25.0, "the ping comes first"
