"""Several statements in one round trip, with and without a cursor."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.lib.joined_statements import execute_joined
from chat.models import Room
from support import people

VALUES = [1, "it's 100 % \\ é 🦉", None, True, [1, 2], datetime(2026, 1, 2, tzinfo=UTC)]
STATEMENTS: list[tuple[str, list[Any]]] = [
    ("SELECT %s, %s, %s::text, %s, %s, %s", VALUES),
    ("SET LOCAL application_name = 'tea'", []),
    ("SELECT n, n %% 2 FROM generate_series(1, %s) AS n", [3]),
    ("SELECT 1 WHERE false", []),
]
ROWS = [[tuple(VALUES)], [], [(1, 1), (2, 0), (3, 1)], []]


@pytest.fixture(autouse=True)
def _postgres(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no round trips")


def test_the_rows_of_each_statement_are_those_of_a_cursor() -> None:
    with transaction.atomic():
        assert execute_joined(connection, STATEMENTS) == ROWS
        with CaptureQueriesContext(connection) as captured:
            assert execute_joined(connection, STATEMENTS) == ROWS
    # While queries are logged, Django's cursor executes them.
    assert len(captured) == 1


def test_a_wrapper_of_django_is_called() -> None:
    seen: list[str] = []

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        assert execute_joined(connection, [("SELECT %s", [7])]) == [[(7,)]]
    assert seen == ["SELECT %s"]


def test_a_refused_row_raises_the_exception_of_django_and_the_transaction_is_undone() -> None:
    room = people.room("garden", owner=people.alice())
    again = ("INSERT INTO chat_room SELECT * FROM chat_room WHERE id = %s", [room.pk])
    with pytest.raises(IntegrityError, match="duplicate key"), transaction.atomic():
        execute_joined(connection, [("UPDATE chat_room SET topic = %s", ["tea"]), again, ("SELECT 1", [])])
    assert Room.objects.get(pk=room.pk).topic == ""
    assert execute_joined(connection, [("SELECT 2", [])]) == [[(2,)]]


def test_a_value_that_no_database_holds_is_an_error_of_the_value() -> None:
    with pytest.raises(DataError), transaction.atomic():
        execute_joined(connection, [("SELECT %s", ["a\x00b"])])
