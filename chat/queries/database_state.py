"""One statement that reads no table and shows whether anything in the database can have changed."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections

from chat.lib.joined_statements import select_joined

# Changes whenever a transaction that wrote has ended (PostgreSQL 13 and later).
_SNAPSHOT = "SELECT pg_current_snapshot()::text"
# Changes with each commit of another connection.
_VERSION = "PRAGMA data_version"


class DatabaseState(NamedTuple):
    """A state of the database: if two are equal, nothing was committed between them."""

    # SQLite counts per connection; None on PostgreSQL.
    connection: Any
    value: Any


def database_state() -> DatabaseState | None:
    """Return the current state; None when the database has no such number. Call it from a thread whose connection never
    writes: SQLite does not count commits of the querying connection.

    On PostgreSQL two equal snapshots see the same rows. All databases of the server share one number, so writes to
    another database look like a change as well.
    """
    sql = {"postgresql": _SNAPSHOT, "sqlite": _VERSION}.get(connection.vendor)
    if sql is None:
        return None
    [[[value]]] = select_joined(connections[DEFAULT_DB_ALIAS], [(sql, ())])
    return DatabaseState(connection.connection if connection.vendor == "sqlite" else None, value)


def state_after(write: Callable[[], bool]) -> DatabaseState | None:
    """Call `write` and return the state after it; None if `write` returns False: it was not one single-statement
    transaction."""
    return database_state() if write() else None


def next_state(state: DatabaseState | None) -> DatabaseState | None:
    """Return the state after one more transaction: on SQLite, one of this connection, it is unchanged."""
    if state is None or state.connection is not None:
        return state
    # A snapshot is `xmin:xmax:xip`. Here no transaction was running, and the first writer got the next number: a second
    # writer would have taken one more, or be listed.
    idle = re.fullmatch(r"(\d+):\1:", state.value)
    number = int(idle[1]) + 1 if idle else None
    return state._replace(value=f"{number}:{number}:") if number else None
