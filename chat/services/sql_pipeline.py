"""Several SQL statements in one round trip, each for any number of rows.

Most of a small transaction's cost in this process is waiting: for each response a thread sleeps, and releases and
takes the interpreter lock. PostgreSQL executes many statements at once; SQLite responds without waiting.

Statements are joined into one text. The pipeline mode of psycopg, which saves the same round trips, takes 18 to 26 %
more CPU for a batch of one or twenty messages, and separate statements 33 to 48 % more (`python -m bench.pipeline`).
A transaction's BEGIN is sent with its first statements, and its COMMIT with the last: each would be a round trip.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from chat.lib.joined_statements import Row, Statement, execute_joined
from chat.lib.joined_transaction import begin, commit

# Up to this number, separate values cost psycopg less than an array.
FEW = 16
# `json.dumps` with these options would create an encoder at each call.
_encode = json.JSONEncoder(default=str, ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class ForRows:
    """A statement for many rows: on SQLite executed once per row, on PostgreSQL once, with all rows as one JSON value.

    JSON is the fastest format: a hundred rows cost psycopg 0.2 ms as JSON, 1.8 ms as arrays, 5.4 ms as separate
    values.
    """

    columns: Sequence[str]
    by_row: str
    at_once: str
    # The COPY that is equivalent to an INSERT.
    copied: str = ""


def inserting(table: str, columns: Mapping[str, str]) -> ForRows:
    """An INSERT of rows with these columns. Each column needs a type without a length, because a cast to a length would
    truncate."""
    names = ", ".join(columns)
    return ForRows(
        list(columns),
        f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})",
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {_fresh(columns)}",
        f"COPY {table} ({names}) FROM STDIN",
    )


def merging(table: str, columns: Mapping[str, str], *, key: Sequence[str], changed: Sequence[str]) -> ForRows:
    """Like `inserting`; if a row with this `key` exists, updates its columns `changed`."""
    insert = inserting(table, columns)
    fresh = ", ".join(f"{name} = excluded.{name}" for name in changed)
    conflict = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {fresh}"
    return ForRows(insert.columns, f"{insert.by_row} {conflict}", f"{insert.at_once} {conflict}")


def updating(table: str, columns: Mapping[str, str]) -> ForRows:
    """An UPDATE of rows with these columns; the last column is the key."""
    *changed, key = columns
    return ForRows(
        list(columns),
        f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in changed)} WHERE {key} = %s",
        f"UPDATE {table} SET {', '.join(f'{name} = fresh.{name}' for name in changed)}"
        f" FROM {_fresh(columns)} WHERE {table}.{key} = fresh.{key}",
    )


def deleting(table: str, key: str, kind: str) -> ForRows:
    """A DELETE of the rows with these keys. `kind`: the type of the key."""
    return ForRows(
        [key],
        f"DELETE FROM {table} WHERE {key} = %s",
        f"DELETE FROM {table} USING {_fresh({key: kind})} WHERE {table}.{key} = fresh.{key}",
    )


def among(column: str, values: Collection[Any]) -> Statement:
    """The condition that the column has one of these values."""
    # An empty list: PostgreSQL does not accept `IN ()`.
    if _many_at_once() and not 0 < len(values) <= FEW:
        return f"{column} = ANY(%s)", [list(values)]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)


def given(columns: Mapping[str, str], rows: Iterable[Row]) -> Statement:
    """Rows of values as the table `given`. Join it by CROSS JOIN, which SQLite executes in this order.

    Looking up a hundred pairs this way takes a hundred index lookups. With two `IN` conditions the databases look up
    each first value with each second one: 7 ms instead of 0.4 ms for the people and client_ids of 256 messages.
    """
    packed = _packed(list(columns), list(rows))
    if _many_at_once():
        return f"json_to_recordset(%s) AS given ({_typed(columns)})", [packed]
    values = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"(SELECT {values} FROM json_each(%s)) AS given", [packed]


def row_lock(table: str, more: str = "") -> str:
    """The end of a SELECT that locks this table's rows. Empty on SQLite, where transactions begin IMMEDIATE and so lock
    the whole file."""
    return f" FOR NO KEY UPDATE OF {table}{more}" if connection.features.has_select_for_update else ""


def select_together(*statements: Statement) -> list[list[Row]]:
    """Execute these queries in one round trip; returns the rows of each, in order."""
    if _many_at_once():
        # Finding this thread's connection through `connection` takes 2 µs each time, so look it up once.
        own = connections[DEFAULT_DB_ALIAS]
        begun = begin(own)
        return execute_joined(own, [*begun, *statements])[len(begun) :]
    with connection.cursor() as cursor:
        return [cursor.execute(*statement).fetchall() for statement in statements]


def run_together(*work: tuple[ForRows, Sequence[Row]], last: bool = False) -> None:
    """Execute each of these statements for its rows, in order. `last`: the transaction ends after them, so that its
    COMMIT can be sent with them; execute nothing else in it."""
    if _many_at_once():
        statements: list[Statement] = [(wanted.at_once, [_packed(wanted.columns, rows)]) for wanted, rows in work]
        own = connections[DEFAULT_DB_ALIAS]
        execute_joined(own, [*begin(own), *statements, *(commit(own) if last else ())])
        return
    with connection.cursor() as cursor:
        for wanted, rows in work:
            cursor.executemany(wanted.by_row, rows)


def insert_many(*work: tuple[ForRows, Sequence[Row]]) -> None:
    """Execute each of these INSERTs for its rows, in order: like `run_together`, for hundreds of rows.

    Uses COPY: one round trip per statement, but for 500 messages it takes half of this process's CPU, and nine tenths
    of PostgreSQL's.
    """
    with connection.cursor() as cursor:
        for wanted, rows in work:
            if not _many_at_once():
                cursor.executemany(wanted.by_row, rows)
            elif rows:
                with cursor.copy(wanted.copied) as copy:
                    for row in rows:
                        copy.write_row(row)


def ids_taken(model: type[models.Model], number: int) -> list[int]:
    """This number of unique ids for new rows. Call it in the transaction that inserts the rows: rows that refer to them
    can then be sent in the same round trip."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))::regclass) FROM generate_series(1, %s)",
                [model._meta.db_table, number],
            )
            return [one for (one,) in cursor.fetchall()]
        # The transaction holds the only write lock, and an insert moves the sequence.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        [last] = cursor.fetchone() or [0]
        return list(range(last + 1, last + number + 1))


def _many_at_once() -> bool:
    # psycopg interpolates the values on the client (Django's default), so one text can hold several statements.
    return connection.vendor == "postgresql"


def _fresh(columns: Mapping[str, str]) -> str:
    return f"json_to_recordset(%s) AS fresh ({_typed(columns)})"


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def _packed(columns: Sequence[str], rows: Sequence[Row]) -> str:
    return _encode([dict(zip(columns, row, strict=True)) for row in rows])
