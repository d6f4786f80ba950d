"""The session alone, without a connection: introduction, rooms, events and time."""

import json

import pytest

from chatclient.errors import NotAChatServer
from chatclient.events import Authenticated, Connected, Message
from chatclient.feed import Position
from tests.chatclient.talk import (
    EVERY_ROOM,
    Object,
    Talk,
    joined,
    message,
    page,
    refused,
    rooms,
)

# --- Introduction --------------------------------------------------------------------------------------


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
    # The second one breaks before the room is joined.
    for said in ((), (joined(),)):
        lobby.session.lost()
        lobby.open(*said)
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


def test_a_session_with_a_position_begins_with_a_return_also_to_its_other_rooms() -> None:
    talk = Talk(position=Position("one", {"lobby": (1, 1), "shed": (5, 5)}))
    talk.open(joined(rev=3))
    assert talk.event_types == ["joined_room", "connected"]
    assert talk.commands() == [
        {"type": "join_room", "room": "shed", "request_id": "r1"},
        {"type": "resume", "epoch": "one", "rooms": {"lobby": 1}, "request_id": "r2"},
    ]


def test_another_epoch_is_reloaded(lobby: Talk) -> None:
    lobby.session.lost()
    lobby.open(joined(rev=9), epoch="two")
    assert [event.type for event in lobby.events] == ["joined_room", "reloaded", "connected"]
    assert lobby.commands() == [{"type": "history", "room": "lobby", "limit": 100, "all": True, "request_id": "r1"}]


# --- Rooms after a break -------------------------------------------------------------------------------


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


# --- Events for the reader -----------------------------------------------------------------------------


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
    # The page that the socket sends on its own omits replies that only threads show.
    lobby.open(joined(rev=9), page(message(9)), epoch="two")
    [asked] = lobby.commands()
    assert asked["all"] is True
    lobby.receive(page(message(8), message(9), request_id=asked["request_id"]))
    assert [event.type for event in lobby.events] == ["joined_room", "reloaded", "connected", "history"]
    assert lobby.commands() == []


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
    assert asked == {"type": "history", "room": "lobby", "limit": 100, "all": True, "after": 2, "request_id": "r2"}
    lobby.receive(page(message(3), has_newer=True, request_id="r2"))
    [asked] = lobby.commands()
    assert asked["after"] == 3
    lobby.receive(page(message(9), request_id=asked["request_id"]), now=20.0)
    assert lobby.session.trouble(30.0) is None, "nothing is waited for any more"
    assert lobby.event_types == ["joined_room", "connected", "reloaded", "message", "message"]
    assert lobby.settled == []


# --- Time ----------------------------------------------------------------------------------------------


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
