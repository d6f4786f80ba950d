"""The database wrapper: a transaction that waits for the lock of the database looks for it each millisecond."""

import sqlite3
import time

from django.db.backends.sqlite3 import base
from django.db.backends.utils import debug_transaction


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with another wait for the lock of writers.

    SQLite by itself looks again after 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50 and then each 100 ms
    (`sqliteDefaultBusyCallback` in its src/main.c): who writes without end has to leave the lock free for half of the
    time then, and one message in a hundred still waits 40 ms for transactions of 20.
    """

    # How long it sleeps between two looks; who writes without end leaves gaps that are longer.
    lock_poll_seconds = 0.001

    def _start_transaction_under_autocommit(self) -> None:
        seconds = self.settings_dict["OPTIONS"].get("timeout", 5.0)
        mode: str | None = self.transaction_mode  # type: ignore[attr-defined]  # the stubs lack it
        sql = f"BEGIN {mode}" if mode else "BEGIN"
        ended = time.monotonic() + seconds
        connection = self.connection
        with self.wrap_database_errors, debug_transaction(self, sql):
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                while True:
                    try:
                        connection.execute(sql)
                        return
                    except sqlite3.OperationalError as error:
                        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ended:
                            raise
                    time.sleep(self.lock_poll_seconds)
            finally:
                # For statements outside of a transaction, and for commits.
                connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
