"""Pauses between an import's transactions, so that others can write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Times that a waiting writer can poll the lock in one pause.
LOOKS = 3
LONGEST_SECONDS = 0.05


class _Lock:
    """The lock of the SQLite database, and until when it is left to other writers."""

    def __init__(self) -> None:
        self._left_until = 0.0

    def leave_to_others(self) -> None:
        """Sleep until the pause after the last transaction is over."""
        time.sleep(max(0.0, self._left_until - time.monotonic()))

    def held(self, seconds: float) -> None:
        """Set the pause after a transaction of this length."""
        each: float | None = getattr(connection, "lock_poll_seconds", None)
        pause = LOOKS * each if each else min(seconds, LONGEST_SECONDS)
        self._left_until = time.monotonic() + pause


_lock = _Lock()


def batch_size(*, entered: bool = True) -> int:
    """Messages that one transaction writes, or threads that it counts. On SQLite, other writers wait for its end: 500
    messages hold the lock for about 40 ms, and for 300 ms when other work takes the cores. On PostgreSQL, others who
    write in the same room wait; in a room that no one has `entered` there are none."""
    if connection.vendor == "sqlite":
        return 100
    return 500 if entered else 2000


@contextmanager
def pausing() -> Iterator[None]:
    """Pause before a transaction on SQLite, which has one lock for all writers: the lock stays free while a waiting
    writer polls three times. Where SQLite itself waits (it polls again after up to 100 ms), the lock stays free for as
    long as it was held. Without pauses, people's messages would wait for seconds. Callers prepare the next transaction
    during the pause."""
    if connection.vendor != "sqlite":
        yield
        return
    _lock.leave_to_others()
    began = time.monotonic()
    yield
    _lock.held(time.monotonic() - began)


@contextmanager
def batch_transaction(*, entered: bool) -> Iterator[None]:
    """A transaction with a pause. In a room that no one has `entered` its commit does not wait for the disk: the later
    commit that lets people in waits, and flushes all before it. After a power cut the next run writes what is missing
    again. On SQLite waiting for the disk takes a third of the time that the lock is held.
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
