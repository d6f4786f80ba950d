"""Replaces Django's flush after a transactional test: the same empty database, at a tenth of the cost.

Django's `flush` truncates every table, which in PostgreSQL creates a new file for each table and index. It then makes
all content types and permissions again: 280 rows that no test changes. Here rows are deleted, and those 280 stay.
"""

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.test import TransactionTestCase

from chat.lib import db_threads
from chat.migrations import _first_rows

# Tables whose rows the migrations derive from the models.
_KEPT = ("django_content_type", "auth_permission")
# Deleted rows stay in the file of a PostgreSQL table until it is truncated: scans and plans would see them.
_LARGE_BYTES = 1_000_000
_IDLE_SECONDS = 30.0

# The stubs lack both.
_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
_end = TransactionTestCase._post_teardown  # type: ignore[attr-defined]


class _Running:
    """The calls that the threads of `chat.lib.db_threads` are in."""

    changed = threading.Condition()
    calls: dict[int, object] = {}


# For each database: the number of rows in those tables, and the largest id.
_kept: dict[str, list[tuple[int, int]]] = {}


def use() -> None:
    """From now on, empty the database in this way after each transactional test, and end a test only when the calls
    that it began in threads have ended."""
    # Calls in the pools, and in the writer thread.
    db_threads._call = _counted(db_threads._call)  # type: ignore[assignment]
    db_threads._answer = _counted(db_threads._answer)  # type: ignore[assignment]
    TransactionTestCase._post_teardown = _wait_and_end  # type: ignore[attr-defined]
    TransactionTestCase._fixture_teardown = _tear_down  # type: ignore[attr-defined]


def _counted(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def counted(call: Any) -> Any:
        with _Running.changed:
            _Running.calls[threading.get_ident()] = call
        try:
            return run(call)
        finally:
            with _Running.changed:
                del _Running.calls[threading.get_ident()]
                _Running.changed.notify_all()

    return counted


def begin() -> None:
    """Record the state of the databases before the tests."""
    for alias in connections:
        _kept[alias] = _found(alias)


def _wait_and_end(case: TransactionTestCase) -> None:
    _wait_for_threads()
    _end(case)


def _tear_down(case: TransactionTestCase) -> None:
    if not all(_empty(alias) for alias in connections):
        _flush(case)
        begin()


def _wait_for_threads() -> None:
    """Wait for calls: one that outlives its test would write into the next one's database. And between tests
    pytest-django refuses access: a transaction that ends then leaves its connection without autocommit."""
    deadline = time.monotonic() + _IDLE_SECONDS
    with _Running.changed:
        while _Running.calls:
            left = deadline - time.monotonic()
            assert left > 0, f"still in the threads of the database: {list(_Running.calls.values())}"
            _Running.changed.wait(left)


def _empty(alias: str) -> bool:
    """Delete all rows but those that migrations make; False when Django's own flush has to do it."""
    connection, tables = connections[alias], _tables(alias)
    if _found(alias) != _kept[alias]:
        return False
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            with connection.constraint_checks_disabled(), transaction.atomic(alias):
                cursor.execute(_some_row(tables))
                for (table,) in cursor.fetchall():
                    cursor.execute(f'DELETE FROM "{table}"')
                # A contentless FTS5 table: deleting single rows would need their text.
                cursor.execute("INSERT INTO chat_searchtokens (chat_searchtokens) VALUES ('delete-all')")
                _first_rows.create(apps, None)
        else:
            cursor.execute(f"SELECT sum(pg_relation_size(name::regclass)) FROM unnest(ARRAY{[*tables]}) AS name")
            if cursor.fetchone()[0] > _LARGE_BYTES:
                return False
            with transaction.atomic(alias):
                # Otherwise PostgreSQL looks up each row in every table that could refer to it.
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(_some_row(tables))
                if full := [table for (table,) in cursor.fetchall()]:
                    cursor.execute(";".join(f'DELETE FROM "{table}"' for table in full))
                _first_rows.create(apps, None)
    return True


@functools.cache
def _tables(alias: str) -> tuple[str, ...]:
    names = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(names) - set(_KEPT)))


@functools.cache
def _some_row(tables: tuple[str, ...]) -> str:
    """The query for the tables that have rows."""
    return " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)


def _found(alias: str) -> list[tuple[int, int]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f'SELECT count(*), max(id) FROM "{table}"' for table in _KEPT))
        return [*cursor.fetchall()]
