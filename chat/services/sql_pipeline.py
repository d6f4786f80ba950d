"""Several statements on one way to the database and back, each for any number of rows.

Most of what a small transaction costs this process is the waiting: for each answer a thread goes to sleep, gives the
interpreter away and takes it back. PostgreSQL answers many statements at once; SQLite answers without a wait.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import connection

# So many values cost psycopg less one by one than as an array.
FEW = 16
# With `%s` for each of its values.
Statement = tuple[str, Sequence[Any]]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ForRows:
    """A statement to be run for many rows: as SQLite takes them, one at a time, and as PostgreSQL does, as one value.

    JSON, because all else is slower: a hundred rows cost psycopg 0.2 ms so, 1.8 as arrays, and 5.4 value by value.
    """

    columns: Sequence[str]
    by_row: str
    at_once: str


def inserting(table: str, columns: Mapping[str, str]) -> ForRows:
    """For rows of these columns. With each goes its type, one without a length, to which a value would be cut."""
    names = ", ".join(columns)
    return ForRows(
        list(columns),
        f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})",
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {_fresh(columns)}",
    )


def updating(table: str, columns: Mapping[str, str]) -> ForRows:
    """The same, for rows that are there; the last column is the key."""
    *changed, key = columns
    return ForRows(
        list(columns),
        f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in changed)} WHERE {key} = %s",
        f"UPDATE {table} SET {', '.join(f'{name} = fresh.{name}' for name in changed)}"
        f" FROM {_fresh(columns)} WHERE {table}.{key} = fresh.{key}",
    )


def among(column: str, values: Collection[Any]) -> Statement:
    """The condition that the column holds one of these."""
    # None at all: PostgreSQL knows no empty list.
    if _many_at_once() and not 0 < len(values) <= FEW:
        return f"{column} = ANY(%s)", [list(values)]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)


def select_together(*statements: Statement) -> list[list[Row]]:
    """The rows that each of these statements finds, one after the other."""
    with connection.cursor() as cursor:
        if not _many_at_once():
            return [cursor.execute(*statement).fetchall() for statement in statements]
        cursor.execute(*_joined(statements))
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
        return found


def run_together(*work: tuple[ForRows, Sequence[Row]]) -> None:
    """Run each of these statements for its rows, one after the other."""
    with connection.cursor() as cursor:
        if _many_at_once():
            cursor.execute(*_joined([(wanted.at_once, [_packed(wanted.columns, rows)]) for wanted, rows in work]))
            return
        for wanted, rows in work:
            cursor.executemany(wanted.by_row, rows)


def _many_at_once() -> bool:
    # psycopg puts the values into the text itself, as Django has it by default; such a text may hold many statements.
    return connection.vendor == "postgresql"


def _joined(statements: Sequence[Statement]) -> Statement:
    return "; ".join(sql for sql, _ in statements), list(chain.from_iterable(values for _, values in statements))


def _fresh(columns: Mapping[str, str]) -> str:
    return f"json_to_recordset(%s) AS fresh ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"


def _packed(columns: Sequence[str], rows: Sequence[Row]) -> str:
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str, ensure_ascii=False)
