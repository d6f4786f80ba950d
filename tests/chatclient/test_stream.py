"""One room's stream, in edge cases that random tests seldom find."""

import pytest

from chatclient import stream, testing
from chatclient.events import Event, History, Message, Reloaded, Resumed
from chatclient.stream import RoomStream, State


def message(seq: int, rev: int) -> Message:
    return testing.message(f"{seq}.{rev}", seq=seq, rev=rev, posted=False)


def resumed(*messages: Message, rev: int, complete: bool = True) -> Resumed:
    return Resumed(type="resumed", room="lobby", complete=complete, messages=messages, rev=rev)


def page(*messages: Message, has_newer: bool) -> History:
    return History(type="history", room="lobby", messages=messages, has_older=True, has_newer=has_newer)


def texts(events: list[Event]) -> list[str]:
    return [event.text if isinstance(event, Message) else event.type for event in events]


@pytest.fixture
def lobby() -> RoomStream:
    """A room whose connection broke at rev 2."""
    made = RoomStream("lobby", rev=2, seq=2)
    made.away()
    return made


def test_more_live_events_than_can_be_held_are_asked_for_again(
    lobby: RoomStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HELD_EVENTS", 2)
    lobby.found(rev=3)
    lobby.asked = True
    for number in range(4, 9):
        assert lobby.live(message(number, number)) == []

    assert texts(lobby.resumed(resumed(message(3, 3), rev=3))) == ["3.3", "4.4", "5.5"]
    assert (lobby.state, lobby.asked, lobby.rev) == (State.RESUMING, False, 5)


def test_a_reload_that_is_cut_off_goes_on_with_the_next_connection(lobby: RoomStream) -> None:
    lobby.found(rev=9)
    assert texts(lobby.resumed(resumed(rev=9, complete=False))) == ["reloaded"]
    assert texts(lobby.page(page(message(3, 3), message(4, 9), has_newer=True))) == ["3.3", "4.9"]
    lobby.away()

    assert lobby.found(rev=10) == [Reloaded(room="lobby", since_seq=4)]
    assert texts(lobby.page(page(message(5, 10), has_newer=False))) == ["5.10"]
    assert (lobby.state, lobby.rev) == (State.LIVE, 10)


def test_a_page_that_brings_nothing_new_ends_a_reload(lobby: RoomStream) -> None:
    lobby.found(rev=9)
    lobby.resumed(resumed(rev=9, complete=False))

    assert lobby.page(page(has_newer=True)) == []
    assert lobby.state is State.LIVE


def test_another_epoch_is_remembered_until_the_room_was_read(lobby: RoomStream) -> None:
    lobby.forget()
    lobby.away()

    assert lobby.found(rev=1) == [Reloaded(room="lobby", since_seq=0)]
    newest = page(message(1, 1), has_newer=False)
    assert lobby.page(newest) == [newest]
    assert texts(lobby.live(message(2, 2))) == ["2.2"]


def test_a_resume_that_was_not_asked_for_changes_nothing(lobby: RoomStream) -> None:
    lobby.found(rev=2)

    assert lobby.resumed(resumed(message(1, 7), rev=7)) == []
    assert lobby.rev == 2
