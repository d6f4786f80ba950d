"""Arrivals and departures, each sent once, departures after a delay."""

from chat.live.presence import LINGER_SECONDS, Attendance

ADA, BOB = 1, 2


def test_an_arrival_is_sent_at_once_and_once() -> None:
    attendance = Attendance()
    assert attendance.update(frozenset({ADA}), 0.0) == {ADA: "online"}
    assert attendance.update(frozenset({ADA, BOB}), 1.0) == {BOB: "online"}
    assert attendance.update(frozenset({ADA, BOB}), 2.0) == {}


def test_a_departure_is_sent_after_a_while() -> None:
    attendance = Attendance([ADA])
    assert attendance.update(frozenset(), 5.0) == {}
    assert attendance.lingering == {ADA}
    assert attendance.update(frozenset(), 5.0 + LINGER_SECONDS - 0.1) == {}
    assert attendance.update(frozenset(), 5.0 + LINGER_SECONDS) == {ADA: "offline"}
    assert not attendance.lingering
    assert attendance.update(frozenset(), 60.0) == {}
    assert attendance.update(frozenset({ADA}), 61.0) == {ADA: "online"}


def test_a_reload_makes_no_noise() -> None:
    attendance = Attendance([ADA])
    assert attendance.update(frozenset(), 0.0) == {}
    assert attendance.update(frozenset({ADA}), 3.0) == {}
    assert not attendance.lingering
    assert attendance.update(frozenset(), 4.0) == {}
    assert attendance.update(frozenset(), LINGER_SECONDS + 1.0) == {}, "the ten seconds begin with the last going"
    assert attendance.update(frozenset(), LINGER_SECONDS + 4.0) == {ADA: "offline"}
