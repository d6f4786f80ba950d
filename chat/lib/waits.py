"""Waits for background loops. They end at common steps of half a second, so that an idle process wakes once for all of
them: each separate wake-up costs 0.1 ms of CPU, mostly for the kernel and cold caches.
"""

import asyncio
import math
import time
from contextlib import suppress

STEP_SECONDS = 0.5
# The time of the first step. It differs between processes, so that those of a machine do not all wake together.
_BEGIN = time.monotonic()


async def every(seconds: float) -> None:
    """Sleep until the next step of length `seconds`: at most 1.25 times `seconds`, and less than `seconds` after work
    that took some time."""
    now = asyncio.get_running_loop().time()
    await asyncio.sleep(step_after(now + seconds / 4, seconds) - now)


async def sleep(seconds: float) -> None:
    """Sleep for at least `seconds`."""
    now = asyncio.get_running_loop().time()
    await asyncio.sleep(step_after(now + seconds) - now)


async def rest(event: asyncio.Event, least: float, most: float) -> None:
    """Wait until `event` is set: for at least `least` seconds, and at most until the step after `most`."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    if most > least:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(step_after(began + most)):
                await event.wait()
    if (left := began + least - loop.time()) > 0:
        await asyncio.sleep(left)


def step_after(moment: float, seconds: float = STEP_SECONDS) -> float:
    """Return the first step of this length at or after `moment`. Every one-second step is also a half-second step."""
    return math.ceil((moment - _BEGIN) / seconds) * seconds + _BEGIN
