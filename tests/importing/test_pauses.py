"""Transactions of an import: others get SQLite's lock between them, and only some of them wait for the disk."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection

from chat.services.imports import pauses
from chat.services.imports.pauses import batch_transaction, pausing

pytestmark = pytest.mark.django_db(transaction=True)


def waits_for_disk() -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            return bool(cursor.fetchone()[0] == 2)
        cursor.execute("SHOW synchronous_commit")
        return bool(cursor.fetchone()[0] == "on")


@pytest.fixture
def full() -> Iterator[None]:
    """Make SQLite's commits wait for the disk, as they do on a server."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        [before] = cursor.execute("PRAGMA synchronous").fetchone()
        cursor.execute("PRAGMA synchronous = FULL")
        yield
        cursor.execute(f"PRAGMA synchronous = {int(before)}")


@pytest.mark.usefixtures("full")
def test_only_batches_of_a_room_that_no_one_has_entered_do_not_wait_for_the_disk() -> None:
    with batch_transaction(entered=True):
        assert waits_for_disk()
    with batch_transaction(entered=False):
        assert not waits_for_disk()
    assert waits_for_disk()
    with pytest.raises(KeyboardInterrupt), batch_transaction(entered=False):
        raise KeyboardInterrupt
    assert waits_for_disk()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    """A clock that `sleep` advances, and a lock that was never held."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no lock for all writers")
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(pauses, "_lock", pauses._Lock())
    return clock


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept = list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_between_two_transactions_the_lock_is_free_for_three_looks(clock: Clock) -> None:
    with pausing():
        clock.now += 0.03
    # The time spent preparing data in between counts as a pause.
    clock.now += 0.001
    with pausing():
        clock.now += 0.2
    with pausing():
        clock.now += 0.01
    clock.now += 1
    with pausing():
        pass
    assert clock.slept == [0, 0.002, 0.003, 0]


def test_where_sqlite_itself_waits_the_lock_is_free_for_as_long_as_it_was_held(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(connection._connections["default"]), "lock_poll_seconds", None)  # type: ignore[attr-defined]
    for seconds in (0.03, 0.2, 0.01):
        with pausing():
            clock.now += seconds
    with pausing():
        pass
    assert clock.slept == [0, 0.03, pauses.LONGEST_SECONDS, 0.01]
