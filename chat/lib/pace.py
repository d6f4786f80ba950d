"""How fast a long work goes, and how long it still takes."""

import time
from collections import deque
from collections.abc import Callable

# Seconds that the pace is an average of: batches differ, and so does what others do on the machine.
WINDOW_SECONDS = 30.0
# Seconds between two samples.
SAMPLE_SECONDS = 1.0
# Seconds until the first pace is said.
FIRST_SECONDS = 3.0


class Pace:
    """The pace of one work, of which `done` only grows while its step is the same."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._samples: deque[tuple[float, int]] = deque()
        self._now = (0.0, 0)

    def note(self, step: str, done: int) -> None:
        """`done` of this step are done. Another step, or a smaller number than before, begins anew."""
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
        """How many are done in a second; 0.0 while that is not known."""
        if not self._samples:
            return 0.0
        (began, before), (now, done) = self._samples[0], self._now
        return (done - before) / (now - began) if now - began >= FIRST_SECONDS else 0.0


def seconds_left(done: int, total: int, rate: float) -> int | None:
    """The seconds until all are done, at least 1; None while that is not known, and when all are."""
    return max(round((total - done) / rate), 1) if rate > 0 and done < total else None


def in_short(seconds: int) -> str:
    """A duration as commands print it: `40 s`, `3 min`, `1 h 20 min`."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def of_all(done: int, total: int, rate: float) -> str:
    """The progress of messages as commands print it, with the pace and the time left as far as they are known."""
    parts = [f"{done}{f' of {total}' if total else ''} messages"]
    if rate >= 1:
        parts.append(f"{rate:.0f}/s")
    if left := seconds_left(done, total, rate):
        parts.append(f"{in_short(left)} left")
    return ", ".join(parts)
