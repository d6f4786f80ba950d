"""The speed of a long job, and the time that it still takes."""

import time
from collections import deque
from collections.abc import Callable

# The pace is the average of this many seconds: batches differ, and so does the other load of the machine.
WINDOW_SECONDS = 30.0
# Seconds between two samples.
SAMPLE_SECONDS = 1.0
# Seconds until the first pace is reported.
FIRST_SECONDS = 3.0


class Pace:
    """The pace of one job; within a step its `done` only grows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._samples: deque[tuple[float, int]] = deque()
        self._now = (0.0, 0)

    def note(self, step: str, done: int) -> None:
        """Record that `done` items of this step are done. A new step, or a smaller number, starts from scratch."""
        now = self._clock()
        if step != self._step or done < self._now[1]:
            self._step = step
            self._samples.clear()
        self._now = now, done
        if not self._samples or now - self._samples[-1][0] >= SAMPLE_SECONDS:
            self._samples.append(self._now)
        while len(self._samples) > 2 and now - self._samples[1][0] >= WINDOW_SECONDS:
            self._samples.popleft()

    @property
    def rate(self) -> float:
        """Items per second; 0.0 while unknown."""
        if not self._samples:
            return 0.0
        (began, before), (now, done) = self._samples[0], self._now
        return (done - before) / (now - began) if now - began >= FIRST_SECONDS else 0.0


def seconds_left(done: int, total: int, rate: float) -> int | None:
    """Return the seconds until all are done, at least 1; None while unknown, and when all are done."""
    return max(round((total - done) / rate), 1) if rate > 0 and done < total else None


def in_short(seconds: int) -> str:
    """Format a duration as commands print it: `40 s`, `3 min`, `1 h 20 min`."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def of_all(done: int, total: int, rate: float) -> str:
    """Format the progress of messages as commands print it, with the pace and the time left if they are known."""
    parts = [f"{done}{f' of {total}' if total else ''} messages"]
    if rate >= 1:
        parts.append(f"{rate:.0f}/s")
    if left := seconds_left(done, total, rate):
        parts.append(f"{in_short(left)} left")
    return ", ".join(parts)
