"""Lines that any client can cause: the first are written, the others counted."""

import logging
from collections.abc import Callable

import pytest

from your_project.repeats import LINES, SECONDS, Repeats


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.due: list[Callable[[], None]] = []
        self.repeats = Repeats(lambda: self.now, lambda _seconds, work: self.due.append(work))

    def write(self, name: str, times: int, *, level: int = logging.WARNING, text: str = "x", status: int = 0) -> int:
        """The number of these lines that are written."""
        lines = [logging.LogRecord(name, level, "", 0, text, (), None) for _ in range(times)]
        for line in lines:
            line.status_code = status
        return sum(map(self.repeats.filter, lines))

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        for work in self.due:
            work()
        self.due.clear()


def test_bad_hosts_are_counted_after_the_first(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    assert clock.write("django.security.DisallowedHost", 5_000, level=logging.ERROR) == LINES
    clock.pass_by(SECONDS)
    assert [record.getMessage() for record in caplog.records] == [
        f"{5_000 - LINES} more lines of django.security.DisallowedHost were not written: they came within 10 s."
    ]
    assert clock.write("django.security.DisallowedHost", 1) == 1, "later they are written again"


def test_few_lines_at_a_time_are_all_written(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    for _ in range(10):
        assert clock.write("django.request", LINES, status=404) == LINES
        clock.pass_by(SECONDS)
    assert not caplog.records


def test_one_kind_takes_nothing_from_another() -> None:
    clock = Clock()
    assert clock.write("django.request", 100, status=404) == LINES
    assert clock.write("django.request", 1, status=403) == 1
    assert clock.write("chat.live.connection_log", 100, level=logging.INFO, text="socket refused") == LINES
    assert clock.write("chat.live.connection_log", 100, level=logging.INFO, text="socket opened") == 100
    assert clock.write("django.request", 100, level=logging.ERROR, status=500) == 100, "failures of ours are all told"
