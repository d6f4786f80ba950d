"""The session alone: commands with an answer, and commands without one."""

import pytest

from chatclient.errors import AnswerLost
from chatclient.events import History
from tests.chatclient.talk import Object, Talk, joined, message, page, refused

# --- Commands with an answer ----------------------------------------------------------------------------


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
    lobby.receive(refused("forbidden", request_id=asked, retry_after=2.5), now=20.0)
    [(one, error)] = lobby.settled
    assert (one, error.code, error.retry_after) == (asked, "forbidden", 2.5)
    assert lobby.types() == [], "it is not asked again"
    assert lobby.session.trouble(30.0) is None, "nor waited for"
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


# --- Commands without an answer ------------------------------------------------------------------------


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
