"""Threads for synchronous database code called from the event loop.

`database_sync_to_async` is not used: all sockets of a process would share Channels' single thread-sensitive thread,
each call costs 150 us, and opens a database connection.
"""

import asyncio
import atexit
import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import connections

from chat.lib import loop_calls

P = ParamSpec("P")
T = TypeVar("T")

# Seconds without a call after which a `ConnectedThread` returns its connection to the pool, and the longest time that
# it keeps one: the pool replaces broken or old connections when they are returned.
KEEP_SECONDS = 0.25
KEEP_AT_MOST_SECONDS = 60.0


class DatabaseThreads:
    """A pool of `number` threads, whose names begin with `name`."""

    def __init__(self, number: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(number, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in one of the threads, in a copy of the caller's context; its exceptions propagate."""
        context = contextvars.copy_context()
        call = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, _call, call)


class _Call(NamedTuple):
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Any]"
    context: contextvars.Context
    function: Callable[[], Any]


class ConnectedThread:
    """One thread, which keeps its connection between calls in quick succession: taking one from the pool and returning
    it costs as much as a statement."""

    def __init__(self, name: str, *, keep: float | None = None) -> None:
        """`keep`: seconds without a call after which it returns the connection, instead of KEEP_SECONDS."""
        self._name = name
        self._keep = keep
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `DatabaseThreads.run`."""
        if self._thread is None:
            self._start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._calls.put(_Call(loop, done, contextvars.copy_context(), partial(function, *args, **kwargs)))
        return await done

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()
        # Calls that have begun finish before the interpreter exits.
        atexit.register(self._end)

    def _end(self) -> None:
        self._calls.put(None)
        if self._thread:
            self._thread.join()

    def _work(self) -> None:
        # The time of the first call on the current connection; None: there is no connection.
        since: float | None = None
        while True:
            try:
                call = self._calls.get(timeout=None if since is None else self._keep or KEEP_SECONDS)
            except Empty:
                _release_connections()
                since = None
                continue
            if call is None:
                _release_connections()
                return
            since = since or time.monotonic()
            _answer(call)
            if time.monotonic() - since > KEEP_AT_MOST_SECONDS:
                _release_connections()
                since = None
            else:
                _release_failed_connections()


def _answer(call: _Call) -> None:
    if call.done.cancelled():
        return
    loop_calls.hold(call.loop)
    try:
        settle = partial(_settle, call.done, call.context.run(call.function))
    except BaseException as error:  # as in an executor: it is the caller's
        settle = partial(_fail, call.done, error)
    callbacks: list[loop_calls.Callback] = [*loop_calls.take(), settle]
    try:
        # In the context of the call, like callbacks that are not held back.
        call.loop.call_soon_threadsafe(partial(loop_calls.call_all, call.loop, callbacks), context=call.context)
    except RuntimeError:
        # The loop was closed: no caller waits.
        return


def _settle(done: "asyncio.Future[Any]", result: Any) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: "asyncio.Future[Any]", error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)


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


def _release_failed_connections() -> None:
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred and not connection.in_atomic_block:
            connection.close()
