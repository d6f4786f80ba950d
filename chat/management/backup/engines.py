"""Copies of the database, by its kind: consistent, made beside running servers."""

import os
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction

# Tables whose rows come and go while no one changes anything.
FLEETING = {"chat_connection", "chat_processlease", "django_session", "django_cache"}
PAGES_AT_ONCE = 1000
Counts = dict[str, int]
# The virtual table of the search index cannot be read as a whole; its underlying tables are counted.
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"


class BackupError(Exception):
    """The message is one line that says what is wrong, and where."""


class Engine(Protocol):
    """What a kind of database can do."""

    name: str
    file: str

    def dump(self, target: Path) -> Counts:
        """Write a copy as of one moment; returns its rows by table."""

    def counts_of(self, copy: Path) -> Counts:
        """Restore a copy into a scratch database and count there."""

    def restore(self, copy: Path) -> None:
        """Put a copy in the place of the database, whole or not at all."""


def engine() -> Engine:
    """That of this database."""
    return _Postgres() if connection.vendor == "postgresql" else _Sqlite()


def counts_here() -> Counts:
    """Rows by table of this database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            names = [row[0] for row in cursor.execute(_TABLES) if not row[0].startswith("sqlite_")]
        else:
            names = connection.introspection.table_names(cursor)
        return {name: _count(cursor, name) for name in sorted(names)}


def _count(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 -- a table of our own
    return int(cursor.fetchone()[0])


class _Sqlite:
    name, file = "sqlite", "database.sqlite3"

    def dump(self, target: Path) -> Counts:
        connection.ensure_connection()
        connection.cursor().execute("VACUUM INTO %s", [str(target)])
        return self.counts_of(target)

    def counts_of(self, copy: Path) -> Counts:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as db:
            try:
                found = db.execute("PRAGMA integrity_check").fetchall()
                if found != [("ok",)]:
                    raise BackupError(f"{copy.name}: {found[0][0]}")
                names = [row[0] for row in db.execute(_TABLES)]
                return {
                    name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 -- of the file itself
                    for name in sorted(names)
                    if not name.startswith("sqlite_")
                }
            except sqlite3.DatabaseError as error:
                raise BackupError(f"{copy.name}: {error}") from None

    def restore(self, copy: Path) -> None:
        # SQLite copies the pages into the same file: a server that has it open reads the new content.
        connection.close()
        with (
            closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as source,
            closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=30)) as target,
        ):
            source.backup(target, pages=-1)


class _Postgres:
    name, file = "postgresql", "database.dump"

    def dump(self, target: Path) -> Counts:
        # Counts and dump read the same snapshot.
        with transaction.atomic():
            cursor = connection.cursor()
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            counts = counts_here()
            _run("pg_dump", "-Fc", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "-f", str(target))
        return counts

    def counts_of(self, copy: Path) -> Counts:
        with _scratch() as name:
            _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "-d", name, str(copy))
            tables = _ask(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").split()
            return {table: int(_ask(name, f'SELECT count(*) FROM "{table}"')) for table in tables}  # noqa: S608

    def restore(self, copy: Path) -> None:
        # One transaction: it also drops the tables of a newer version, and servers see the old state or the new one.
        script = copy.with_suffix(".sql")
        _run("pg_restore", "--no-owner", "--no-privileges", "-f", str(script), str(copy))
        connection.close()
        begin = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
        psql = ["psql", "-X", "-q", "--single-transaction", "-v", "ON_ERROR_STOP=1", "-c", begin, "-f", str(script)]
        _run(*psql, "-d", str(connection.settings_dict["NAME"]))


def _environment() -> dict[str, str]:
    facts = connection.settings_dict
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    # Not as arguments, which every account on the machine can read.
    return {**os.environ, **{key: str(facts[name]) for key, name in named.items() if facts.get(name)}}


def _run(*command: str) -> str:
    if shutil.which(command[0]) is None:
        raise BackupError(f"{command[0]} is not installed: it is in PostgreSQL's client package")
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.strip()), f"ended with {done.returncode}")
        raise BackupError(f"{command[0]}: {said}")
    return done.stdout


def _ask(database: str, query: str) -> str:
    return _run("psql", "-X", "-At", "-d", database, "-c", query)


@contextmanager
def _scratch() -> Iterator[str]:
    name = f"backup_verify_{uuid.uuid4().hex[:12]}"
    # From template0: a database that others are connected to cannot be copied.
    _run("psql", "-X", "-q", "-c", f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield name
    finally:
        _run("psql", "-X", "-q", "-c", f"DROP DATABASE {name} WITH (FORCE)")
