"""State shared by all clients, over all processes that share a cache."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.core.cache import cache

# Seconds after which the lock of a process that died expires.
LOCK_SECONDS = 5
LOCK_POLL_SECONDS = 0.005

# A thread, so that a slow Redis does not block the event loop; a single one, so that the clients of a process queue up
# instead of competing for the lock.
_thread = ThreadPoolExecutor(1, thread_name_prefix="playground")

Value = TypeVar("Value")


async def update(
    name: str, start: Value, change: Callable[[Value], Value], *, seconds: int | None = None
) -> tuple[Value, Value]:
    """Replace the shared value by `change(value)` atomically; returns the value before and after.

    The value is `start` at first, and after `seconds` without an update. It must be JSON, as which the cache in Redis
    stores it: a tuple comes back as a list.
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
            continue  # This process was suspended, and its lock may have expired: do not write.
        cache.set(key, after, timeout=seconds)
        cache.delete(lock)
        return before, after
