"""One statement that reads no table and shows whether anything in the database can have changed."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections

from chat.lib.joined_statements import select_joined

# One transaction that wrote and ended changes it (PostgreSQL 13 and later).
_SNAPSHOT = "SELECT pg_current_snapshot()::text"
# Each commit of another connection changes it.
_VERSION = "PRAGMA data_version"


class DatabaseState(NamedTuple):
    """Two equal states: nothing was committed between them."""

    # SQLite counts for each connection by itself; None on PostgreSQL.
    connection: Any
    value: Any


def database_state() -> DatabaseState | None:
    """The state now; None when the database has no such number. Call it from a thread whose connection never writes:
    SQLite leaves out what the asking connection has committed.

    On PostgreSQL two equal snapshots see the same rows. The number is one for all databases of the server, so that the
    writes of others look like a change as well.
    """
    sql = {"postgresql": _SNAPSHOT, "sqlite": _VERSION}.get(connection.vendor)
    if sql is None:
        return None
    [[[value]]] = select_joined(connections[DEFAULT_DB_ALIAS], [(sql, ())])
    return DatabaseState(connection.connection if connection.vendor == "sqlite" else None, value)


def state_after(write: Callable[[], bool]) -> DatabaseState | None:
    """Call `write`, and return the state after it; None where it says that it was not one statement, which is a
    transaction of its own."""
    return database_state() if write() else None


def next_state(state: DatabaseState | None) -> DatabaseState | None:
    """The state when one more transaction has ended: on SQLite, one of the asking connection, the same."""
    if state is None or state.connection is not None:
        return state
    # A snapshot is `xmin:xmax:xip`. Here nothing was under way, and the next number was given to the first that wrote:
    # another writer would have taken one more, or be listed.
    idle = re.fullmatch(r"(\d+):\1:", state.value)
    number = int(idle[1]) + 1 if idle else None
    return state._replace(value=f"{number}:{number}:") if number else None
