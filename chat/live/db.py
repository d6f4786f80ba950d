"""The one seam between the event loop and the synchronous code: threads that run services and queries.

Not `database_sync_to_async`: all sockets of a process would share Channels' single thread-sensitive
thread, and each call would open a database connection of its own.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from chat.protocol.errors import unavailable

P = ParamSpec("P")
T = TypeVar("T")

_threads = ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="chat-db")
# Group commit has a thread of its own, so that slow reads never delay an acknowledgement.
_writer = ThreadPoolExecutor(1, thread_name_prefix="chat-db-writer")


async def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run synchronous database code in a thread.

    Raises:
        ChatError: `unavailable` when the database does not answer, and whatever `function` raises.
    """
    return await _run(_threads, partial(function, *args, **kwargs))


async def write(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same in the writer's thread."""
    return await _run(_writer, partial(function, *args, **kwargs))


async def _run(threads: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(threads, context.run, _call, call)


def _call(call: Callable[[], T]) -> T:
    try:
        return call()
    except (DatabaseError, InterfaceError) as error:
        raise unavailable() from error
    finally:
        _give_back()


def _give_back() -> None:
    """PostgreSQL connections go back to the pool; an SQLite file stays open in its thread unless it failed."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close()
