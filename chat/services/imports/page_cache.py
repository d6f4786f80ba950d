"""A larger page cache for a SQLite database while an import writes."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# A transaction touches up to 4 MB of indexes, and the next one the same pages again. With the 0.25 MB that each server
# thread has, they are written to the log and read back many times within one transaction.
CACHE_KB = 16 * 1024


@contextmanager
def large_page_cache() -> Iterator[None]:
    """Let this connection hold more pages of a SQLite database in memory."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        [before] = cursor.execute("PRAGMA cache_size").fetchone()
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {int(before)}")
