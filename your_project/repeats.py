"""Limits log lines that any client can cause, so that no client can fill the disk."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

# At most LINES of one kind are written in SECONDS; the number of dropped lines is logged at the end.
LINES = 20
SECONDS = 10.0

Kind = tuple[str, object]


@dataclass
class _Window:
    ends_at: float
    lines: int = 0


def _later(seconds: float, work: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()


class Repeats(logging.Filter):
    """A logging filter that passes the first lines of each kind. Clock and timer are parameters for tests."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], None] = _later,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._later = later
        self._lock = threading.Lock()
        self._windows: dict[Kind, _Window] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written."""
        kind = _kind(record)
        if kind is None:
            return True
        with self._lock:
            now = self._clock()
            window = self._windows.get(kind)
            if window is None or (now >= window.ends_at and window.lines <= LINES):
                window = self._windows[kind] = _Window(now + SECONDS)
            window.lines += 1
            first_too_many = window.lines == LINES + 1
            passes = window.lines <= LINES
        if first_too_many:
            self._later(SECONDS, lambda: self._report(kind))
        return passes

    def _report(self, kind: Kind) -> None:
        with self._lock:
            more = self._windows.pop(kind).lines - LINES
        logger.warning("%d more lines of %s were not written: they came within %d s.", more, kind[0], SECONDS)


def _kind(record: logging.LogRecord) -> Kind | None:
    """Return the kind of a line that any client can cause, from a bounded set; None for other lines."""
    if record.name.startswith("django.security."):
        return record.name, None
    if record.levelno >= logging.ERROR:
        return None
    if record.name == "django.request":
        return record.name, getattr(record, "status_code", None)
    if record.name.startswith(("uvicorn", "daphne")) or record.msg == "socket refused":
        return record.name, record.msg
    return None
