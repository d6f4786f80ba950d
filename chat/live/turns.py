"""How many sockets are greeted at a time. The others wait without a task, where their server can start one."""

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """`async with turns`: a turn, in the order of arrival; `number` sockets have one at a time."""

    def __init__(self, number: int) -> None:
        self._free = asyncio.Semaphore(number)
        self._waiting: deque[Callable[[], bool]] = deque()

    @property
    def free(self) -> bool:
        """Whether a turn can be had at once."""
        return not self._free.locked() and not self._waiting

    def wait(self, wake: Callable[[], bool]) -> None:
        """Call `wake` when it is time to ask for a turn; it returns False when it is of no use any more."""
        self._waiting.append(wake)
        self._wake_if_free()

    async def __aenter__(self) -> None:
        try:
            await self._free.acquire()
        except asyncio.CancelledError:
            # The turn that it was about to have is another one's.
            self._wake_if_free()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._free.release()
        self._wake_if_free()

    def _wake_if_free(self) -> None:
        # In a step of its own: who waits may not have returned yet. One who is woken and then cancelled has no turn; so
        # each arrival looks as well, and no one waits while a turn is free.
        if self._waiting and not self._free.locked():
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        while self._waiting and not self._waiting.popleft()():
            pass
