"""Several connections to one or more addresses: messages use the least loaded one, and failed ones are replaced."""

import asyncio
import ssl as ssl_module
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle
from random import random as default_random
from types import TracebackType
from typing import Self
from uuid import uuid4

from chatclient import errors
from chatclient.client import ChatClient
from chatclient.events import Ack, Event
from chatclient.feed import Position
from chatclient.timing import Backoff, Timing

# Errors that the same account would get on every connection.
_HOPELESS = (
    errors.InvalidAddress,
    errors.NotSignedIn,
    errors.SignedOut,
    errors.RemovedFromRoom,
    errors.NoSuchRoom,
    errors.SignInFailed,
)
# The connection failed, not the message: send it over another one.
_TRY_ANOTHER = (errors.ConnectionFailed, errors.ConnectionEnded, errors.ClientClosed)


class ConnectionPool:
    """One account's connections, used as one. Events come from one of them, with no gaps or duplicates when it is
    replaced.

    A message left unacknowledged by a failed connection is sent over another one with the same `client_id`, so it
    arrives once. Messages sent at the same time arrive in any order; await one before the next where order matters.

    Args:
        urls: One address, or several of the same deployment; connections use them in turn.
        size: The number of connections.
        give_up_after: Seconds without a connection after which it is replaced, at the next address.
        listen: False to discard events.
        outbox_size: The maximum number of unacknowledged messages, for each connection.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        *,
        size: int = 4,
        room: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        outbox_size: int = 1000,
        listen: bool = True,
        give_up_after: float = 5.0,
        timing: Timing | None = None,
        ssl: ssl_module.SSLContext | None = None,
        random: Callable[[], float] = default_random,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        addresses = [urls] if isinstance(urls, str) else list(urls)
        if not addresses or size < 1:
            raise errors.InvalidAddress("A pool needs an address and at least one connection.")
        self._urls = cycle(addresses)
        self._size = size
        self._listen = listen
        self._timing = timing or Timing()
        self._random = random
        self._new_id = new_id

        def make(url: str, lead: bool, position: Position | None) -> ChatClient:
            return ChatClient(
                url,
                room=room,
                token=token,
                username=username,
                password=password,
                outbox_size=outbox_size,
                listen=lead,
                give_up_after=give_up_after,
                timing=timing,
                ssl=ssl,
                random=random,
                new_id=new_id,
                position=position,
            )

        self._make = make
        self._clients: list[ChatClient] = []
        self._leads: deque[ChatClient] = deque()
        self._keepers: list[asyncio.Task[None]] = []
        self._stopped: Exception | None = errors.ClientClosed("Use the pool inside `async with`.")
        self._changed = asyncio.Event()

    @property
    def connected(self) -> int:
        """The number of established connections."""
        return sum(client.connected for client in self._clients)

    @property
    def pending(self) -> int:
        """The number of messages that are not acknowledged yet."""
        return sum(client.pending for client in self._clients)

    async def __aenter__(self) -> Self:
        self._stopped = None
        first_tries: list[asyncio.Future[None]] = []
        for number in range(self._size):
            first_tries.append(asyncio.get_running_loop().create_future())
            lead = number == 0 and self._listen
            self._keepers.append(asyncio.create_task(self._keep(first_tries[-1], lead=lead), name="chatclient pool"))
        try:
            # The connection of the events is required; of the others one is enough.
            outcomes = await asyncio.gather(*first_tries, return_exceptions=True)
            failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
            if self._stopped is not None or len(failures) == self._size:
                raise self._stopped or failures[0]
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        self._stop(errors.ClientClosed("The pool was closed."))
        for keeper in self._keepers:
            keeper.cancel()
        if self._keepers:
            await asyncio.wait(self._keepers)
        self._keepers.clear()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while True:
            if self._leads:
                try:
                    return await anext(self._leads[0])
                except (StopAsyncIteration, errors.ChatError):
                    # This client was read to its end; the next one continues from its position.
                    self._leads.popleft()
                    continue
            if self._stopped is not None:
                raise StopAsyncIteration if isinstance(self._stopped, errors.ClientClosed) else self._stopped
            await self._wait()

    async def send(
        self,
        text: str,
        room: str | None = None,
        reply_to: int | None = None,
        *,
        client_id: str | None = None,
        thread: int | None = None,
        in_room: bool = False,
    ) -> Ack:
        """Send a message over the least loaded connection, and over another one if that fails.

        Raises:
            CommandRefused: If the server refuses it.
            ConnectionEnded, SignInFailed, ClientClosed: If no connection can be established.
        """
        client_id = client_id or self._new_id()
        return await self._over_one(
            lambda client: client.send(text, room, reply_to, client_id=client_id, thread=thread, in_room=in_room)
        )

    async def private_message(self, to: str, text: str, *, client_id: str | None = None) -> Ack:
        """Send a direct message over the least loaded connection."""
        client_id = client_id or self._new_id()
        return await self._over_one(lambda client: client.private_message(to, text, client_id=client_id))

    async def _over_one(self, send: Callable[[ChatClient], Awaitable[Ack]]) -> Ack:
        while True:
            client = await self._least_loaded()
            try:
                return await send(client)
            except _TRY_ANOTHER:
                if self._stopped is not None:
                    raise self._stopped from None
                # The client stopped. Remove it now: its own task does so only later.
                self._remove(client)

    async def _least_loaded(self) -> ChatClient:
        while True:
            if self._stopped is not None:
                raise self._stopped
            alive = [client for client in self._clients if client.stopped is None]
            if alive:
                chosen = min(alive, key=lambda client: (not client.connected, client.pending))
                # Among equals, the least recently used.
                self._clients.remove(chosen)
                self._clients.append(chosen)
                return chosen
            await self._wait()

    async def _keep(self, first_try: asyncio.Future[None], *, lead: bool) -> None:
        """Keep one connection, and replace it whenever it fails."""
        backoff = Backoff(self._timing, self._random)
        position: Position | None = None
        while True:
            client = self._make(next(self._urls), lead, position)
            try:
                async with client:
                    backoff.reset()
                    self._add(client, lead=lead)
                    if not first_try.done():
                        first_try.set_result(None)
                    await client.wait_stopped()
                    failure = client.stopped
                    position = client.passed_position
            except Exception as exc:
                failure = exc
            finally:
                self._remove(client)
            if isinstance(failure, _HOPELESS) or not isinstance(failure, errors.ChatError):
                self._stop(failure or errors.ClientClosed("The pool was closed."))
            if not first_try.done():
                first_try.set_exception(failure or errors.ClientClosed("The pool was closed."))
            if self._stopped is not None:
                return
            await asyncio.sleep(backoff.next())

    def _add(self, client: ChatClient, *, lead: bool) -> None:
        self._clients.append(client)
        if lead:
            self._leads.append(client)
        self._changed.set()

    def _remove(self, client: ChatClient) -> None:
        if client in self._clients:
            self._clients.remove(client)

    def _stop(self, error: Exception) -> None:
        if self._stopped is None:
            self._stopped = error
        self._changed.set()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()
