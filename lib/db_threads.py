"""Threads for synchronous database code that the event loop waits for.

Not `database_sync_to_async`: all sockets of a process would share Channels' single thread-sensitive thread,
its hop costs 150 us, and each call would open a database connection of its own.
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
    def __init__(self, number: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(number, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in one of the threads; raises what it raises."""
        context = contextvars.copy_context()
        call = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, _call, call)


def _call(call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        _give_back()


def _give_back() -> None:
    """PostgreSQL connections go back to the pool; an SQLite file stays open in its thread unless it failed."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close()
