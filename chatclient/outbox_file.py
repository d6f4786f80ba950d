"""The outbox on disk: an SQLite database with a row for each message that was accepted and is not settled.

A message is synced to disk before it is accepted, so it survives a kill or a power cut. The removal of a settled one is
not synced: losing it costs a repeated send, which its `client_id` makes harmless.
"""

import contextlib
import json
import os
import sqlite3
from pathlib import Path

from chatclient import outbox_lines
from chatclient.errors import OutboxFileError
from chatclient.frames import JSONObject

# Identifies the file type in the database header: "Bcob" in ASCII.
_APPLICATION_ID = 0x42636F62
# The write-ahead log is copied into the database after this number of pages of 4 KiB, and starts again: it takes 1 MiB.
_LOG_PAGES = 256


class OutboxFile:
    """An outbox file, locked by one process at a time. While it is open, `<path>-wal` belongs to it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._database: sqlite3.Connection | None = None
        self._rows: dict[str, int] = {}  # client_id -> row

    def open(self) -> list[JSONObject]:
        """Lock the file, and return its commands that are not settled, oldest first.

        A file of the older form, JSON lines, is replaced with a database of the same commands.

        Raises:
            OutboxFileError: If another process has locked it, or it cannot be used, or is no outbox file.
        """
        try:
            with outbox_lines.locked(self.path):
                return self._open()
        except BlockingIOError:
            raise self._in_use() from None
        except OSError as exc:
            raise OutboxFileError(f"The outbox file {self.path} cannot be used: {exc.strerror or exc}.") from None

    def add(self, command: JSONObject) -> None:
        """Write a message; it is on disk when this returns.

        Raises:
            OutboxFileError: If it cannot be written. The file is unchanged.
        """
        assert self._database is not None
        try:
            self._database.execute("PRAGMA synchronous=FULL")
            added = self._database.execute("INSERT INTO outbox (command) VALUES (?)", [_text(command)])
        except sqlite3.Error as exc:
            raise OutboxFileError(f"The outbox file {self.path} cannot be written: {exc}.") from None
        assert added.lastrowid is not None
        self._rows[command["client_id"]] = added.lastrowid

    def settle(self, client_id: str) -> None:
        """Record that a message need not be sent again."""
        row = self._rows.pop(client_id, None)
        if row is None or self._database is None:
            return
        # A full disk costs a repeated send later, not this message.
        with contextlib.suppress(sqlite3.Error):
            # Written to the log, which the next message syncs.
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute("DELETE FROM outbox WHERE id = ?", [row])

    def close(self) -> None:
        """Close and unlock the file."""
        if self._database is not None:
            self._database.close()
        self._database = None

    def _open(self) -> list[JSONObject]:
        with contextlib.suppress(FileExistsError):
            # SQLite would create it readable by other users.
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            self._connect()
            return self._load()
        except sqlite3.Error as exc:
            self.close()
            if _code(exc) == sqlite3.SQLITE_NOTADB:
                return self._take_over()
            raise self._unusable(exc) from None
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        # One thread at a time uses it, not necessarily the one that opened it.
        database = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        self._database = database
        # The first statement takes the lock; it is held until the database is closed.
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        empty = database.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
        if not empty and database.execute("PRAGMA application_id").fetchone() != (_APPLICATION_ID,):
            raise OutboxFileError(f"{self.path} is not an outbox file.")
        database.execute("COMMIT")
        if empty:
            _create(database)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        # No text of a settled message stays in the file.
        database.execute("PRAGMA secure_delete=ON")

    def _load(self) -> list[JSONObject]:
        assert self._database is not None
        commands = []
        self._rows.clear()
        for row, text in self._database.execute("SELECT id, command FROM outbox ORDER BY id"):
            try:
                command = dict(json.loads(text))
                self._rows[str(command["client_id"])] = row
            except (ValueError, TypeError, KeyError):
                raise OutboxFileError(f"The outbox file {self.path} is damaged: row {row} is no command.") from None
            commands.append(command)
        return commands

    def _take_over(self) -> list[JSONObject]:
        """Write the commands of an older file to a new database, and replace the file with it."""
        commands = outbox_lines.read(self.path)
        beside = Path(f"{self.path}.new")
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            with contextlib.closing(sqlite3.connect(beside, isolation_level=None)) as database:
                _create(database)
                database.execute("BEGIN")
                database.executemany("INSERT INTO outbox (command) VALUES (?)", [[_text(one)] for one in commands])
                database.execute("COMMIT")
        except sqlite3.Error as exc:
            raise OutboxFileError(f"The outbox file {beside} cannot be written: {exc}.") from None
        beside.replace(self.path)
        outbox_lines.sync_directory(self.path.parent)
        try:
            self._connect()
            return self._load()
        except sqlite3.Error as exc:
            self.close()
            raise self._unusable(exc) from None

    def _in_use(self) -> OutboxFileError:
        return OutboxFileError(f"The outbox file {self.path} is in use by another process.")

    def _unusable(self, error: sqlite3.Error) -> OutboxFileError:
        match _code(error):
            case sqlite3.SQLITE_BUSY:
                return self._in_use()
            case sqlite3.SQLITE_CORRUPT:
                return OutboxFileError(f"The outbox file {self.path} is damaged: {error}.")
        return OutboxFileError(f"The outbox file {self.path} cannot be used: {error}.")


def _create(database: sqlite3.Connection) -> None:
    # Set before the first table exists, as SQLite requires: each commit frees the pages of settled messages.
    database.execute("PRAGMA auto_vacuum=FULL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("BEGIN")
    database.execute(f"PRAGMA application_id={_APPLICATION_ID}")
    database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, command TEXT NOT NULL)")
    database.execute("COMMIT")


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code. Python's own errors have none: they mean that the file holds invalid text."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def _text(command: JSONObject) -> str:
    return json.dumps(command, ensure_ascii=False, separators=(",", ":"))
