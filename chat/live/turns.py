"""Limits how many sockets are greeted at a time. The others wait without a task, if their server can start one."""

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """`async with turns` takes a turn, in the order of arrival; `number` sockets have one at a time."""

    def __init__(self, number: int) -> None:
        self._free = asyncio.Semaphore(number)
        self._waiting: deque[Callable[[], bool]] = deque()

    @property
    def free(self) -> bool:
        """Whether a turn is available at once."""
        return not self._free.locked() and not self._waiting

    def wait(self, wake: Callable[[], bool]) -> None:
        """Call `wake` when a turn may be free; it returns False when no one waits for it any more."""
        self._waiting.append(wake)
        self._wake_if_free()

    async def __aenter__(self) -> None:
        try:
            await self._free.acquire()
        except asyncio.CancelledError:
            # Pass the turn on that this one was about to get.
            self._wake_if_free()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._free.release()
        self._wake_if_free()

    def _wake_if_free(self) -> None:
        # In a later step: the waiting handler may not have returned yet. A socket that is woken and then cancelled
        # takes no turn, so each arrival checks as well: no one waits while a turn is free.
        if self._waiting and not self._free.locked():
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        while self._waiting and not self._waiting.popleft()():
            pass
