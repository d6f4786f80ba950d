"""The database wrapper: a transaction that waits for the database lock tries again every millisecond."""

import sqlite3
import time

from django.db.backends.sqlite3 import base
from django.db.backends.utils import debug_transaction


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with another wait for the lock of writers.

    SQLite itself tries again after 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50 and then every 100 ms
    (`sqliteDefaultBusyCallback` in its src/main.c): a continuous writer would have to leave the lock free half of the
    time, and one message in a hundred would still wait 40 ms for transactions of 20 ms.
    """

    # Sleep between two tries; a continuous writer leaves longer gaps.
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
                # For statements outside a transaction, and for commits.
                connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
