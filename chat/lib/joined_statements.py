"""Several SQL statements in one round trip to PostgreSQL, without a cursor.

A cursor of Django around one of psycopg takes 0.1 to 0.15 ms of CPU for each execution, a tenth of what a small
transaction costs. Here are the parts of psycopg that it is made of: values become literals, and columns values, as
there.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper

# With a `%s` for each of its values.
Statement = tuple[str, Sequence[Any]]
Row = tuple[Any, ...]
# libpq's PQTRANS_IDLE: outside of a transaction.
IDLE = 0


def execute_joined(connection: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list[list[Row]]:
    """Execute the statements in order, in one text; returns the rows of each, none of one that returns none.

    `connection`: an open one of PostgreSQL, with values bound on the client, which is Django's default. Where it has
    wrappers or logs its queries, a cursor is used. Raises Django's exceptions, as a cursor does.
    """
    text, values = _together(statements)
    if connection.execute_wrappers or connection.queries_logged:
        return _by_cursor(connection, text, values, len(statements))
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return _executed(connection.connection, text, values)


def select_joined(connection: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list[list[Row]]:
    """As `execute_joined`, on any database. By a cursor on SQLite, which takes one statement, and before the first
    statement of a transaction: psycopg begins it, with the isolation that the project has set."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    own: Any = connection
    if own.vendor == "postgresql" and (own.autocommit or own.connection.pgconn.transaction_status != IDLE):
        return execute_joined(own, statements)
    return _by_cursor(own, *_together(statements), len(statements))


def _together(statements: Sequence[Statement]) -> tuple[str, list[Any]]:
    return "; ".join(sql for sql, _ in statements), list(chain.from_iterable(values for _, values in statements))


def _by_cursor(connection: BaseDatabaseWrapper, text: str, values: Sequence[Any], number: int) -> list[list[Row]]:
    found: list[list[Row]] = []
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        for _ in range(number):
            if found:
                cursor.nextset()
            found.append(cursor.fetchall() if cursor.description else [])
    return found


def _executed(raw: Any, text: str, values: Sequence[Any]) -> list[list[Row]]:
    # Only where PostgreSQL is used it is installed.
    from psycopg import errors, generators, pq
    from psycopg.adapt import Transformer

    transformer = Transformer(raw)
    literals = [b"NULL" if value is None else transformer.as_literal(value) for value in values]
    query = text.encode(transformer.encoding) % tuple(literals)
    with raw.lock:
        raw.pgconn.send_query(query)
        results = raw.wait(generators.execute(raw.pgconn))
    found: list[list[Row]] = []
    for result in results:
        if result.status == pq.ExecStatus.TUPLES_OK:
            transformer.set_pgresult(result)
            found.append(cast("list[Row]", transformer.load_rows(0, result.ntuples, tuple)))
        elif result.status == pq.ExecStatus.COMMAND_OK:
            found.append([])
        else:
            raise errors.error_from_result(result, encoding=transformer.encoding)
    return found
