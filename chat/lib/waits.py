"""Waits of what works for ever. They end at steps of half a second that all have in common, so that an idle process
wakes once for all of them: each wake-up by itself costs 0.1 ms of CPU, most of it the kernel's and of cold caches.
"""

import asyncio
import math
import time
from contextlib import suppress

STEP_SECONDS = 0.5
# When the first step was, in each process another moment: those of a machine need not all wake at the same time.
_BEGIN = time.monotonic()


async def every(seconds: float) -> None:
    """Sleep until the next time that is due each `seconds`: at most one and a quarter of them, and less than one after
    work that took some."""
    now = asyncio.get_running_loop().time()
    await asyncio.sleep(step_after(now + seconds / 4, seconds) - now)


async def sleep(seconds: float) -> None:
    """Sleep for at least `seconds`."""
    now = asyncio.get_running_loop().time()
    await asyncio.sleep(step_after(now + seconds) - now)


async def rest(event: asyncio.Event, least: float, most: float) -> None:
    """Wait until `event` is set: for at least `least` seconds, and until the step after `most`."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    if most > least:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(step_after(began + most)):
                await event.wait()
    if (left := began + least - loop.time()) > 0:
        await asyncio.sleep(left)


def step_after(moment: float, seconds: float = STEP_SECONDS) -> float:
    """The first step of this length at or after `moment`. A step of a second is also one of half a second."""
    return math.ceil((moment - _BEGIN) / seconds) * seconds + _BEGIN
