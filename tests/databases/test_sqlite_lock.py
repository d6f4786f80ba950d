"""A transaction that waits for SQLite's lock, held by another connection."""

import sqlite3
import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from chat.models import Room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other() -> Iterator[sqlite3.Connection]:
    """A connection that holds the lock."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no lock for all writers")
    Room.objects.exists()
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def test_it_looks_each_millisecond(other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    slept = list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 40:
            other.execute("COMMIT")

    monkeypatch.setattr(time, "sleep", sleep)
    with transaction.atomic():
        Room.objects.create(slug="held", title="Held")
    assert slept == [0.001] * 40
    assert Room.objects.filter(slug="held").exists()


def test_after_its_time_limit_the_lock_is_refused(other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += 100 * seconds

    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(time, "sleep", sleep)
    with pytest.raises(OperationalError, match="locked"), transaction.atomic():
        pass
    assert now == pytest.approx(connection.settings_dict["OPTIONS"]["timeout"], abs=0.11)
    other.execute("ROLLBACK")
    with transaction.atomic():
        assert not Room.objects.filter(slug="held").exists()


def test_what_writes_outside_of_a_transaction_waits_as_before(other: sqlite3.Connection) -> None:
    other.execute("ROLLBACK")
    with transaction.atomic():
        pass
    with connection.cursor() as cursor:
        [milliseconds] = cursor.execute("PRAGMA busy_timeout").fetchone()
    assert milliseconds == 1000 * connection.settings_dict["OPTIONS"]["timeout"] > 0


def test_another_error_is_no_lock(other: sqlite3.Connection) -> None:
    other.execute("ROLLBACK")
    with transaction.atomic(), pytest.raises(DatabaseError, match="within a transaction"):
        connection._start_transaction_under_autocommit()  # type: ignore[attr-defined]
