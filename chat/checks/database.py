"""Checks for databases that accept connections but would lose, refuse or garble writes."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from chat.lib import outage, replaced_migrations
from chat.services.trial import write_tried

DURABLE = {"on", "remote_apply"}
# reset_val: the session default of this role. source `client`: set by the connection's options.
_SETTINGS = """
SELECT name, setting, reset_val, source FROM pg_settings WHERE name IN ('server_encoding', 'statement_timeout',
'lock_timeout', 'synchronous_commit', 'default_transaction_isolation', 'fsync', 'full_page_writes',
'transaction_read_only')
"""


@register(Tags.database)
def database(*, databases: Sequence[str] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E020 to E023, W020: read the settings of one connection, and try to write."""
    if not databases:
        return []
    try:
        found = _postgresql() if connection.vendor == "postgresql" else []
        # Skip the write after a serious message: it would fail as well.
        return found if any(message.is_serious() for message in found) else found + _writing()
    except DatabaseError:
        return []  # The database does not answer: `database_problem` reports that.


@register(Tags.database)
def migrations(*, databases: Sequence[str] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E024: a database of an older version, whose next migrations this version no longer has."""
    if not databases:
        return []
    try:
        applied = {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()}
    except DatabaseError:
        return []
    missing = replaced_migrations.missing(applied)
    if not missing:
        return []
    return [
        Error(
            f"The database is of an older version and lacks migrations up to {missing[-1]}, which this one replaced.",
            hint="Install the last version that has that migration, run its manage.py migrate, then this version's; or"
            " begin with a new database.",
            id="chat.E024",
        )
    ]


def _postgresql() -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        rows = {name: (value, reset, source) for name, value, reset, source in cursor.fetchall()}
        cursor.execute("SELECT current_database(), pg_is_in_recovery()")
        name, standby = cursor.fetchone()
    found: list[CheckMessage] = []
    if (encoding := rows["server_encoding"][0]) != "UTF8":
        found.append(
            Error(
                f"The database {name} is encoded in {encoding}: it cannot store emoji, nor most letters.",
                hint=f"Dump it, then CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0, and restore it.",
                id="chat.E020",
            )
        )
    if standby:
        found.append(
            Error(
                f"The database {name} is a standby: it can be read, and takes no message.",
                hint="Name the primary in DATABASE_URL, or all hosts and ?target_session_attrs=read-write.",
                id="chat.E021",
            )
        )
    elif rows["transaction_read_only"][0] == "on":
        found.append(
            Error(
                f"The database {name} is read-only by default_transaction_read_only.",
                hint=f"ALTER DATABASE {name} RESET default_transaction_read_only (or ALTER ROLE, or postgresql.conf).",
                id="chat.E021",
            )
        )
    return found + _pooled(name, rows) + _unsafe(rows)


def _pooled(name: str, rows: dict[str, tuple[str, str, str]]) -> list[CheckMessage]:
    """Check for a pooler that ignores the options of our connections. Many clients share its sessions, so only the
    defaults of the role and the database apply."""
    asked = str(connection.settings_dict["OPTIONS"].get("options", ""))
    # A surrounding project may set none of these options: then its database decides.
    if rows["lock_timeout"][2] == "client" or "lock_timeout" not in asked:
        return []
    limit = 1000 * settings.CHAT_DATABASE_TIMEOUT
    wanted = {
        key: f"'{settings.CHAT_DATABASE_TIMEOUT}s'"
        for key in ("statement_timeout", "lock_timeout")
        if limit and not 0 < int(rows[key][1]) <= limit
    }
    if rows["synchronous_commit"][1] not in DURABLE:
        wanted["synchronous_commit"] = "'on'"
    if rows["default_transaction_isolation"][1] != "read committed":
        wanted["default_transaction_isolation"] = "'read committed'"
    if not wanted:
        return []
    cure = "; ".join(f"ALTER DATABASE {name} SET {key} = {value}" for key, value in wanted.items())
    return [
        Error(
            "A connection pooler (PgBouncer?) ignores the options of our connections: "
            f"{', '.join(wanted)} {'is' if len(wanted) == 1 else 'are'} not in force.",
            hint=f"{cure}; then let the pooler connect anew (RECONNECT).",
            id="chat.E022",
        )
    ]


def _unsafe(rows: dict[str, tuple[str, str, str]]) -> list[CheckMessage]:
    return [
        Warning(
            f"PostgreSQL runs with {name}=off: a power cut can lose what was acknowledged, or the whole database.",
            hint=f"Set {name} = on in postgresql.conf and reload it.",
            id="chat.W020",
        )
        for name in ("fsync", "full_page_writes")
        if rows[name][0] == "off"
    ]


def _writing() -> list[CheckMessage]:
    try:
        if connection.vendor == "sqlite":
            _write_to_file()
        else:
            write_tried()
    except DatabaseError as error:
        if outage.is_missing_table(error):
            return []  # Before the first migration.
        reason = outage.why(error) or f"A write fails: {outage.kind(error)}."
        where = f"the file {connection.settings_dict['NAME']} and its folder" if connection.vendor == "sqlite" else "it"
        return [
            Error(f"The database takes no message. {reason}", hint=f"Let the server write to {where}.", id="chat.E023")
        ]
    return []


def _write_to_file() -> None:
    """Write SQLite's `user_version`, a field for applications, back unchanged: there may be no table yet."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version")
        cursor.execute(f"PRAGMA user_version = {int(cursor.fetchone()[0])}")
