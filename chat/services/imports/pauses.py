"""Room for those who write meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Looks that one who waits for the lock has at least in a pause.
LOOKS = 3
LONGEST_SECONDS = 0.05


class _Lock:
    """The lock of the SQLite database, and until when it is left to others."""

    def __init__(self) -> None:
        self._left_until = 0.0

    def leave_to_others(self) -> None:
        """Sleep until the pause after the last transaction is over."""
        time.sleep(max(0.0, self._left_until - time.monotonic()))

    def held(self, seconds: float) -> None:
        """Choose the pause after a transaction of this length."""
        each: float | None = getattr(connection, "lock_poll_seconds", None)
        pause = LOOKS * each if each else min(seconds, LONGEST_SECONDS)
        self._left_until = time.monotonic() + pause


_lock = _Lock()


def batch_size(*, entered: bool = True) -> int:
    """How many messages one transaction writes, or how many threads it counts. On SQLite, who writes meanwhile waits
    for its end: 500 hold the lock for some 40 ms, and for 300 where other work takes the cores. On PostgreSQL those
    who write in the same room wait; in a room that no one has `entered` there are none."""
    if connection.vendor == "sqlite":
        return 100
    return 500 if entered else 2000


@contextmanager
def pausing() -> Iterator[None]:
    """Around a transaction, on SQLite, which has one lock for all writers: between two of them the lock is free for as
    long as one who waits for it looks three times. Where SQLite itself waits, which looks again after up to 100 ms, it
    is free for as long as it was held: of transactions that follow each other at once, messages of people would wait
    seconds. What the next one needs is made ready in the pause."""
    if connection.vendor != "sqlite":
        yield
        return
    _lock.leave_to_others()
    began = time.monotonic()
    yield
    _lock.held(time.monotonic() - began)


@contextmanager
def batch_transaction(*, entered: bool) -> Iterator[None]:
    """A transaction, paused around. In a room that no one has `entered` it does not wait for the disk: what lets people
    in is a commit that does, and all before it are on the disk then. After a power cut the next run writes again what
    is missing. On SQLite the wait is a third of the time that the lock is held.
    """
    if entered or connection.in_atomic_block:
        with pausing(), transaction.atomic():
            yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            [before] = cursor.execute("PRAGMA synchronous").fetchone()
            cursor.execute("PRAGMA synchronous = NORMAL")
            try:
                with pausing(), transaction.atomic():
                    yield
            finally:
                cursor.execute(f"PRAGMA synchronous = {int(before)}")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
            yield
