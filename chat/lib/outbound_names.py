"""Resolves the names of addresses that others give, in threads of its own for each client.

A call of the system cannot be ended: a name whose server never answers holds its thread for 10 s and longer. Therefore
each is waited for a few seconds only, and one person has one thread at a time, also after no one waits for it.
"""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

from aiohttp.abc import AbstractResolver, ResolveResult

from chat.lib.address_guard import Guard

# Threads of one client; each is started when it is needed.
RESOLVING = 16
# For a name, with the wait for a thread and for other names of the same person.
RESOLVE_SECONDS = 3.0

_Found = list[tuple[int, int, int, str, tuple[str, int]]]
_person: ContextVar[int | None] = ContextVar("outbound_person", default=None)


@contextmanager
def on_behalf_of(person: int) -> Iterator[None]:
    """Requests within it are for what this person gave, by the id: one name of theirs is resolved at a time."""
    token = _person.set(person)
    try:
        yield
    finally:
        _person.reset(token)


class JudgingResolver(AbstractResolver):
    """Gives the client only addresses that were judged; it connects to these, and resolves nothing by itself."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(RESOLVING, "outbound-resolver")
        # What is being resolved, by the person; until its thread has ended.
        self._running: dict[int, asyncio.Future[_Found]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of `host`.

        Raises:
            TimeoutError: they are not known after RESOLVE_SECONDS.
        """
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await self._in_turn(host, port, family)
        except UnicodeError as error:
            raise OSError("no such host") from error
        self._guard.judge(host, [str(address[4][0]) for address in found])
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for kind, _, proto, _, address in found
        ]

    async def _in_turn(self, host: str, port: int, family: socket.AddressFamily) -> _Found:
        person = _person.get()
        while person is not None and (other := self._running.get(person)):
            await asyncio.wait([other])
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, _addresses, host, port, family)
        running.add_done_callback(_looked_at)
        if person is not None:
            self._running[person] = running
            running.add_done_callback(lambda _: self._running.pop(person))
        # It goes on when no one waits any more: as its thread does.
        await asyncio.wait([running])
        return running.result()

    async def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _looked_at(running: "asyncio.Future[_Found]") -> None:
    # An error that no one waits for any more is none to be logged.
    if not running.cancelled():
        running.exception()


def _addresses(host: str, port: int, family: socket.AddressFamily) -> _Found:
    # Called by its module, so that it may be another one in tests.
    return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)  # type: ignore[return-value]
