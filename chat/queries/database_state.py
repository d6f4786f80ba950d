"""One statement that reads no table and shows whether anything in the database can have changed."""

from typing import Any, NamedTuple

from django.db import connection

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
    with connection.cursor() as cursor:
        cursor.execute(sql)
        [value] = cursor.fetchone()
    return DatabaseState(connection.connection if connection.vendor == "sqlite" else None, value)
