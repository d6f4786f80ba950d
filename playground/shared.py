"""State that all clients share, on every process that uses the same cache."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.core.cache import cache

# A process that dies while it holds a lock delays the others by this much.
LOCK_SECONDS = 5
LOCK_POLL_SECONDS = 0.005

# The cache is asked from a thread, so that a slow Redis never stops the event loop; from a single one,
# so that the clients of a process queue up instead of fighting for the lock.
_thread = ThreadPoolExecutor(1, thread_name_prefix="playground")

Value = TypeVar("Value")


async def update(
    name: str, start: Value, change: Callable[[Value], Value], *, seconds: int | None = None
) -> tuple[Value, Value]:
    """Replace the shared value by `change(value)` in one step; returns the value before and after.

    The value is `start` at first, and again when nobody has updated it for `seconds`.
    """
    return await asyncio.get_running_loop().run_in_executor(_thread, _update, name, start, change, seconds)


def _update(name: str, start: Value, change: Callable[[Value], Value], seconds: int | None) -> tuple[Value, Value]:
    key, lock = f"playground:{name}", f"playground:{name}:lock"
    while True:
        asked = time.monotonic()
        if not cache.add(lock, True, timeout=LOCK_SECONDS):
            time.sleep(LOCK_POLL_SECONDS)
            continue
        before = cache.get(key, start)
        after = change(before)
        if time.monotonic() - asked > LOCK_SECONDS / 2:
            continue  # This process was stopped for a while: the lock may be somebody else's by now.
        cache.set(key, after, timeout=seconds)
        cache.delete(lock)
        return before, after
