"""Room for those who write meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LONGEST_SECONDS = 0.05


def batch_size() -> int:
    """How many messages one transaction writes, or how many threads it counts. On SQLite, who writes meanwhile waits
    for its end: 500 hold the lock for some 40 ms, and for 300 where other work takes the cores."""
    return 100 if connection.vendor == "sqlite" else 500


@contextmanager
def pausing() -> Iterator[None]:
    """After a transaction wait as long as it took. SQLite has one lock for all writers, and one who waits for it looks
    again after up to 100 ms: of transactions that follow each other at once, messages of people would wait seconds."""
    began = time.monotonic()
    yield
    if connection.vendor == "sqlite":
        time.sleep(min(time.monotonic() - began, LONGEST_SECONDS))
