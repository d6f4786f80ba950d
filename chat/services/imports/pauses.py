"""Room for those who write meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LONGEST_SECONDS = 0.05
# Seconds after a commit of another in which more are expected, and the part of a pause that is left while none
# are: the first one finds a gap, too.
EXPECTED_SECONDS, ALONE = 1.0, 0.25


class _Lock:
    """The lock of the SQLite database: until when it is left to others, and when another last wrote."""

    def __init__(self) -> None:
        self._left_until = 0.0
        self._version = 0
        self._others_wrote_at = -EXPECTED_SECONDS

    def leave_to_others(self) -> None:
        """Sleep until the pause after the last transaction is over."""
        time.sleep(max(0.0, self._left_until - time.monotonic()))

    def held(self, began: float, ended: float) -> None:
        """Choose the pause after a transaction; the times are of the monotonic clock."""
        with connection.cursor() as cursor:
            # Moves with the commits of other connections only (https://sqlite.org/pragma.html#pragma_data_version).
            [version] = cursor.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version, self._others_wrote_at = version, ended
        pause = min(ended - began, LONGEST_SECONDS)
        expected = ended - self._others_wrote_at < EXPECTED_SECONDS
        self._left_until = ended + (pause if expected else pause * ALONE)


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
    """Around a transaction: it begins when the last one's end is as long ago as that one took, or a quarter of that
    while no one else writes. SQLite has one lock for all writers, and one who waits for it looks again after up to
    100 ms: of transactions that follow each other at once, messages of people would wait seconds. What the next one
    needs is made ready in the pause."""
    if connection.vendor != "sqlite":
        yield
        return
    _lock.leave_to_others()
    began = time.monotonic()
    yield
    _lock.held(began, time.monotonic())


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
