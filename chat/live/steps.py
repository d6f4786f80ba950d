"""Splits work on many rooms into steps, so that a user with ten thousand rooms does not block the event loop."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import TypeVar

T = TypeVar("T")

# Items per turn of the event loop, which then takes 1 to 2 ms.
STEP = 500


async def steps(items: Iterable[T]) -> AsyncGenerator[list[T]]:
    """Yield a copy of `items` in lists of STEP, with a turn of the event loop in between.

    The items may be outdated when their list is yielded: other tasks run in between.
    """
    found = list(items)
    for begin in range(0, len(found), STEP):
        if begin:
            await asyncio.sleep(0)
        yield found[begin : begin + STEP]
