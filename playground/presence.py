"""Which clients are connected, over all processes that share a cache."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from redis.exceptions import RedisError

from playground.shared import update

logger = logging.getLogger(__name__)

# Seconds after which the entry of a client whose process was killed expires.
LEASE_SECONDS = 6
RENEW_SECONDS = 2


class Entry(NamedTuple):
    """One connected client: when its lease ends (seconds since the epoch), and its attributes."""

    ends: float
    facts: tuple[str, ...]


Entries = dict[str, Entry]  # by client


class Lease:
    """The entry of one connected client, renewed while its consumer runs."""

    def __init__(self, name: str, client: str, *, vanished: Callable[[tuple[str, ...], int], Awaitable[None]]) -> None:
        """`vanished` is called when another client's lease has expired, with its facts and the number of the others."""
        self._name = name
        self._client = client
        self._vanished = vanished
        self._facts: tuple[str, ...] = ()

    async def acquire(self, *facts: str) -> int:
        """Add the client; returns the number of connected clients, including this one."""
        self._facts = facts
        _, entries = await self._update(lambda entries: entries | self._fresh())
        self._renewing = asyncio.create_task(self._renew())
        consumer = asyncio.current_task()
        assert consumer is not None
        consumer.add_done_callback(lambda _: self._renewing.cancel())
        return len(_live(entries))

    async def update(self, *facts: str) -> None:
        """Replace the client's facts."""
        self._facts = facts
        await self._update(lambda entries: entries | self._fresh())

    async def release(self) -> int:
        """Remove the client; returns the number of the remaining ones."""
        self._renewing.cancel()
        _, entries = await self._update(lambda entries: {c: one for c, one in entries.items() if c != self._client})
        return len(_live(entries))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                # The update is atomic, so that exactly one client removes an expired entry, and reports it.
                before, after = await self._update(lambda entries: _live(entries) | self._fresh())
                gone = [before[client] for client in before.keys() - after.keys()]
                for left, entry in enumerate(reversed(gone)):
                    await self._vanished(entry.facts, len(after) + len(gone) - 1 - left)
            except RedisError as error:
                logger.warning("Redis does not answer: %s", error)

    async def _update(self, change: Callable[[Entries], Entries]) -> tuple[Entries, Entries]:
        start: Entries = {}
        before, after = await update(self._name, start, lambda kept: change(_entries(kept)), seconds=LEASE_SECONDS)
        return _entries(before), after

    def _fresh(self) -> Entries:
        return {self._client: Entry(time.time() + LEASE_SECONDS, self._facts)}


def _entries(kept: Entries) -> Entries:
    """The entries from the cache, which may be lists, as tuples again."""
    return {client: Entry(ends, tuple(facts)) for client, (ends, facts) in kept.items()}


def _live(entries: Entries) -> Entries:
    now = time.time()
    return {client: entry for client, entry in entries.items() if entry.ends > now}
