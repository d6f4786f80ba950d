"""Resolves the host names that others supply, with a thread pool for each client.

A `getaddrinfo` call cannot be cancelled: a name whose server never answers holds its thread for 10 s and longer. So the
client waits for a name only a few seconds, and a person has one thread at a time, also after the wait was given up.
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
# For one name, including the wait for a thread and for other names of the same person.
RESOLVE_SECONDS = 3.0

_Found = list[tuple[int, int, int, str, tuple[str, int]]]
_person: ContextVar[int | None] = ContextVar("outbound_person", default=None)


@contextmanager
def on_behalf_of(person: int) -> Iterator[None]:
    """Attribute the requests within it to this person (by id): only one of their names is resolved at a time."""
    token = _person.set(person)
    try:
        yield
    finally:
        _person.reset(token)


class JudgingResolver(AbstractResolver):
    """Returns only checked addresses to the client, which connects to these and resolves nothing itself."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(RESOLVING, "outbound-resolver")
        # The running call of each person, until its thread has finished.
        self._running: dict[int, asyncio.Future[_Found]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of `host`.

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
        # `wait` does not cancel the future on a timeout: its thread still runs.
        await asyncio.wait([running])
        return running.result()

    async def close(self) -> None:
        """Let the threads finish, without waiting for them."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _looked_at(running: "asyncio.Future[_Found]") -> None:
    # Retrieve the exception, so that asyncio does not log it when the wait was given up.
    if not running.cancelled():
        running.exception()


def _addresses(host: str, port: int, family: socket.AddressFamily) -> _Found:
    # Called through its module, so that tests can replace it.
    return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)  # type: ignore[return-value]
