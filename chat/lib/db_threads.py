"""Thread pools for synchronous database code called from the event loop.

`database_sync_to_async` is not used: all sockets of a process would share Channels' single thread-sensitive thread,
each call costs 150 us, and opens a database connection.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThreads:
    """A pool of `number` threads, whose names begin with `name`."""

    def __init__(self, number: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(number, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in one of the threads, in a copy of the caller's context; its exceptions propagate."""
        context = contextvars.copy_context()
        call = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, _call, call)


def _call(call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        _release_connections()


def _release_connections() -> None:
    """Return PostgreSQL connections to the pool; keep an SQLite file open in its thread unless it failed."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close()
