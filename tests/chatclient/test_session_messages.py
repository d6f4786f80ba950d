"""The session alone: messages, their refusals, and the size of frames."""

import json

import pytest

from chatclient.errors import CommandRefused, TooLarge
from chatclient.events import Ack
from tests.chatclient.talk import (
    Object,
    Talk,
    ack,
    joined,
    refused,
)

# --- Messages ------------------------------------------------------------------------------------------


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


# --- The size of frames --------------------------------------------------------------------------------


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
