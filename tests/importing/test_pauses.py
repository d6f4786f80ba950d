"""Transactions of an import: the lock of SQLite is left to others between them, and which of them wait for the disk."""

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
    """Commits of SQLite wait for the disk, as they do on a server."""
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


def test_the_next_transaction_begins_when_the_lock_was_free_for_as_long_as_the_last_one_held_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no lock for all writers")
    now, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(pauses, "_others_until", [0.0])
    with pausing():
        now[0] += 0.03
    # What is made ready meanwhile counts.
    now[0] += 0.01
    with pausing():
        now[0] += 0.2
    with pausing():
        now[0] += 0.01
    now[0] += 1
    with pausing():
        pass
    assert slept == [0, 0.02, pauses.LONGEST_SECONDS, 0]
