"""Who is connected, on every process that uses the same cache."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

from playground.shared import update

logger = logging.getLogger(__name__)

# A client that went without a goodbye, because its process was killed, is forgotten after this much.
LEASE_SECONDS = 6
RENEW_SECONDS = 2

Leases = dict[str, float]  # client -> when its lease ends, in seconds since the epoch


class Lease:
    """One client's entry among those connected, renewed for as long as its consumer lives."""

    def __init__(self, name: str, client: str, *, vanished: Callable[[int], Awaitable[None]]) -> None:
        """`vanished` is called when another client's lease has run out, with the number of those left."""
        self._name = name
        self._client = client
        self._vanished = vanished

    async def take(self) -> int:
        """Returns the number of all who are connected, this client included."""
        _, leases = await self._update(lambda leases: leases | self._fresh())
        self._renewing = asyncio.create_task(self._renew())
        consumer = asyncio.current_task()
        assert consumer is not None
        consumer.add_done_callback(lambda _: self._renewing.cancel())
        return len(_live(leases))

    async def give_up(self) -> int:
        """Returns the number of those who are left."""
        self._renewing.cancel()
        _, leases = await self._update(lambda leases: {c: end for c, end in leases.items() if c != self._client})
        return len(_live(leases))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                # Whoever strikes a client off first tells of it: one of all clients, as the update is one step.
                before, after = await self._update(lambda leases: _live(leases) | self._fresh())
                for gone in range(len(before.keys() - after.keys()), 0, -1):
                    await self._vanished(len(after) + gone - 1)
            except RedisError as error:
                logger.warning("Redis does not answer: %s", error)

    async def _update(self, change: Callable[[Leases], Leases]) -> tuple[Leases, Leases]:
        return await update(self._name, {}, change, seconds=LEASE_SECONDS)

    def _fresh(self) -> Leases:
        return {self._client: time.time() + LEASE_SECONDS}


def _live(leases: Leases) -> Leases:
    now = time.time()
    return {client: end for client, end in leases.items() if end > now}
