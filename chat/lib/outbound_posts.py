"""POST requests with short responses, to addresses that others supply: pushes to push services.

The promises of `Outbound` hold here, too: each connection goes to an address that was resolved and checked for it, no
redirect is followed, no proxy or cookie is used, and the time and size of a response are limited. It is a separate
client because an aiohttp request took nearly half of the CPU time of a push: it creates a dozen objects that a push
does not need.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast
from urllib.parse import SplitResult

import aiohappyeyeballs

from chat.lib.address_guard import Guard
from chat.lib.http_replies import BadReply, Exchange, Reply
from chat.lib.outbound import IDLE_SECONDS, Failed, trust
from chat.lib.outbound_names import JudgingResolver

# Seconds after which the next address of a name is tried in parallel (RFC 8305, 8).
_NEXT_ADDRESS_SECONDS = 0.25


class Origin(NamedTuple):
    """The server that a connection goes to."""

    host: str
    port: int
    tls: bool


class OutboundPosts:
    """A client that reuses its connections; create and use it on one event loop."""

    def __init__(self, guard: Guard, *, seconds: float, max_bytes: int, connections: int) -> None:
        """`seconds`: the limit of a whole request, from resolving to the last byte. `max_bytes`: the limit of a
        response body. `connections`: the maximum in use at a time, and the maximum kept idle besides these."""
        self._guard = guard
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._most = connections
        self._places = asyncio.Semaphore(connections)
        self._resolver = JudgingResolver(guard)
        self._trusting = asyncio.Lock()
        self._context: ssl.SSLContext | None = None
        # The idle connections, the last used one at the end.
        self._kept: dict[_Connection, None] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Reply:
        """Send one request.

        Raises:
            Refused: nothing was sent.
            Failed: there was no complete response; the request may have been received.
        """
        parts = self._guard.check(url)
        tls = parts.scheme == "https"
        origin = Origin(parts.hostname or "", parts.port or (443 if tls else 80), tls)
        exchange = Exchange(self._max_bytes)
        request = exchange.request(_target(parts), {"Host": parts.netloc, **headers}, content)
        try:
            async with asyncio.timeout(self._seconds), self._places:
                connection = self._taken(origin) or await self._connect(origin)
                try:
                    return await connection.ask(request, exchange)
                finally:
                    self._put_back(connection)
        except TimeoutError:
            raise Failed("timeout") from None
        except BadReply as error:
            raise Failed(str(error)) from None
        except OSError:
            raise Failed("network") from None

    def _taken(self, origin: Origin) -> "_Connection | None":
        now = asyncio.get_running_loop().time()
        for one in reversed(self._kept):
            if one.origin == origin and one.usable and now - one.used_at < IDLE_SECONDS:
                del self._kept[one]
                return one
        return None

    async def _connect(self, origin: Origin) -> "_Connection":
        loop = asyncio.get_running_loop()
        context = await self._trust() if origin.tls else None
        found = [
            (one["family"], socket.SOCK_STREAM, one["proto"], "", (one["host"], one["port"]))
            for one in await self._resolver.resolve(origin.host, origin.port)
        ]
        _, connection = await loop.create_connection(
            lambda: _Connection(origin, self._kept.pop),
            sock=await aiohappyeyeballs.start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS),
            ssl=context,
            # Certificates name hosts without the trailing dot.
            server_hostname=origin.host.rstrip(".") if context else None,
        )
        return connection

    async def _trust(self) -> ssl.SSLContext:
        # Read once, even if many first requests arrive together, and in a thread: it takes 60 to 100 ms of CPU.
        async with self._trusting:
            if self._context is None:
                self._context = await asyncio.to_thread(trust)
            return self._context

    def _put_back(self, connection: "_Connection") -> None:
        if self._closed or not connection.usable:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.used_at = loop.time()
        self._kept[connection] = None
        if len(self._kept) > self._most:
            self._drop(next(iter(self._kept)))
        if self._sweep is None:
            self._sweep = loop.call_later(IDLE_SECONDS, self._close_idle)

    def _close_idle(self) -> None:
        loop = asyncio.get_running_loop()
        for one in [one for one in self._kept if loop.time() - one.used_at >= IDLE_SECONDS]:
            self._drop(one)
        self._sweep = loop.call_later(IDLE_SECONDS, self._close_idle) if self._kept else None

    def _drop(self, connection: "_Connection") -> None:
        self._kept.pop(connection, None)
        connection.close()

    async def close(self) -> None:
        """Close the connections."""
        self._closed = True
        if self._sweep:
            self._sweep.cancel()
        for one in list(self._kept):
            self._drop(one)
        # The transports close in the next turn of the loop.
        await asyncio.sleep(0)
        await self._resolver.close()


class _Connection(asyncio.Protocol):
    """A connection that carries one request at a time."""

    _transport: asyncio.Transport

    def __init__(self, origin: Origin, forget: Callable[["_Connection", None], object]) -> None:
        self.origin = origin
        self.used_at = 0.0
        self._forget = forget
        self._answered = True
        self._exchange: Exchange | None = None
        self._reply: asyncio.Future[Reply] | None = None

    @property
    def usable(self) -> bool:
        """Whether the connection may carry another request."""
        return self._answered and not self._transport.is_closing()

    async def ask(self, request: bytes, exchange: Exchange) -> Reply:
        """Send the request of this exchange, and wait for its response.

        Raises:
            BadReply: the response is incomplete or invalid.
            OSError: the connection is lost.
        """
        self._answered = False
        if self._transport.is_closing():
            # `connection_lost` is called only once: waiting for the response would never end.
            raise ConnectionResetError
        self._exchange = exchange
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            reply = await self._reply
        finally:
            self._reply = None
        self._answered = exchange.keeps
        return reply

    def close(self) -> None:
        """Close the connection at once: no caller waits for pending data."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._exchange is None or self._reply is None or self._reply.done():
            # Data without a request.
            self._answered = False
            self._transport.abort()
            return
        try:
            reply = self._exchange.feed(data)
        except BadReply as error:
            self._reply.set_exception(error)
        else:
            if reply:
                self._reply.set_result(reply)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio."""
        self._forget(self, None)
        if self._exchange is None or self._reply is None or self._reply.done():
            return
        try:
            if error:
                raise error
            self._reply.set_result(self._exchange.end())
        except (BadReply, OSError) as lost:
            self._reply.set_exception(lost)


def _target(parts: SplitResult) -> str:
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
