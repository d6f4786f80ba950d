"""Room for those who write meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LONGEST_SECONDS = 0.05
# Until when the lock is left to others, by the monotonic clock.
_others_until = [0.0]


def batch_size(*, entered: bool = True) -> int:
    """How many messages one transaction writes, or how many threads it counts. On SQLite, who writes meanwhile waits
    for its end: 500 hold the lock for some 40 ms, and for 300 where other work takes the cores. On PostgreSQL those
    who write in the same room wait; in a room that no one has `entered` there are none."""
    if connection.vendor == "sqlite":
        return 100
    return 500 if entered else 2000


@contextmanager
def pausing() -> Iterator[None]:
    """Around a transaction: it begins when the last one's end is as long ago as that one took. SQLite has one lock for
    all writers, and one who waits for it looks again after up to 100 ms: of transactions that follow each other at
    once, messages of people would wait seconds. What the next one needs is made ready in the pause."""
    if connection.vendor != "sqlite":
        yield
        return
    time.sleep(max(0.0, _others_until[0] - time.monotonic()))
    began = time.monotonic()
    yield
    ended = time.monotonic()
    _others_until[0] = ended + min(ended - began, LONGEST_SECONDS)


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
