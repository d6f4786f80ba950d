"""The pace of long work, and the time remaining."""

import pytest

from chat.lib.pace import Pace, in_short, of_all, seconds_left


class Clock:
    """A clock that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_pace_is_said_after_some_seconds_and_follows_the_last_half_minute() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.rate == 0.0
    for done in (0, 100, 200):
        pace.note("written", done)
        clock.now += 1
    assert pace.rate == 0.0
    pace.note("written", 300)
    assert pace.rate == 100.0
    # Twice as fast from here on: after half a minute the beginning no longer counts.
    for second in range(1, 41):
        clock.now += 1
        pace.note("written", 300 + 200 * second)
    assert pace.rate == 200.0


def test_another_step_or_a_repetition_begins_anew() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note("read", 0)
    clock.now += 10
    pace.note("read", 1000)
    assert pace.rate == 100.0
    pace.note("written", 1500)
    assert pace.rate == 0.0
    clock.now += 10
    pace.note("written", 1600)
    assert pace.rate == 10.0
    pace.note("written", 5)
    assert pace.rate == 0.0


def test_a_work_that_stands_still_has_no_end() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(50):
        pace.note("written", 500)
        clock.now += 1
    assert (pace.rate, seconds_left(500, 1000, pace.rate)) == (0.0, None)


@pytest.mark.parametrize(
    ("done", "total", "rate", "left"),
    [(0, 0, 10.0, None), (10, 10, 10.0, None), (0, 100, 0.0, None), (50, 100, 10.0, 5), (99, 100, 1000.0, 1)],
)
def test_the_time_left_is_known_when_the_whole_and_the_pace_are(
    done: int, total: int, rate: float, left: int | None
) -> None:
    assert seconds_left(done, total, rate) == left


def test_a_duration_is_short() -> None:
    assert [in_short(n) for n in (1, 59, 60, 61, 3600, 4801)] == [
        "1 s",
        "59 s",
        "1 min",
        "2 min",
        "1 h 0 min",
        "1 h 21 min",
    ]


def test_a_command_prints_what_it_knows() -> None:
    assert of_all(500, 0, 0.0) == "500 messages"
    assert of_all(500, 20_000, 0.0) == "500 of 20000 messages"
    assert of_all(500, 20_000, 1500.4) == "500 of 20000 messages, 1500/s, 13 s left"
