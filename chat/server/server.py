"""Daphne as a library, with what it lacks: a graceful stop, and sockets with backpressure (`daphne_protocol`).

The plain `daphne` command, by contrast, ends every socket at SIGTERM without a close frame and without `disconnect`; a
client that does not read, or sends endlessly, fills the memory (daphne#170); after a day it closes each socket with
1000, after which a client does not reconnect; any client may set the root path.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Generator
from contextlib import contextmanager
from contextvars import Context
from functools import partial
from typing import Any

from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept
from daphne.server import Server, reactor
from django.conf import settings
from twisted.internet.defer import Deferred

from chat.live.handshake import CALLED_AGAIN, Handler
from chat.live.hub import running_hub
from chat.live.send_queue import GATHERED
from chat.server.arriving import ArrivingRequest
from chat.server.daphne_protocol import SocketProtocol
from chat.server.frames import Frames
from chat.server.receive_queue import ReceiveQueue
from chat.server.requests import Channel

logger = logging.getLogger(__name__)

# Seconds after which a stop cancels the running applications; the process ends at most two seconds later.
STOP_SECONDS = 13.0
# Seconds until daphne's checkers look at a new connection, or at one about to end: the interval at which they repeat.
TIMES_SECONDS = 2
ENDS_SECONDS = 1
# For callbacks that log nothing: a copy of the context for each socket takes memory.
_NO_CONTEXT = Context()


class HardenedServer(Server):
    """Serves one ASGI application until SIGTERM or SIGINT, then drains. `failure`: why the server could not listen."""

    def __init__(
        self, application: Any, *, endpoints: list[str], max_sockets: int, ping_seconds: int, deflate: bool
    ) -> None:
        """`max_sockets`: further handshakes are refused with 503; 0 means no limit. `ping_seconds`: the time between
        two pings, and for the reply to each. `deflate`: accept permessage-deflate, which saves bandwidth and costs
        memory per socket."""
        super().__init__(
            application,
            endpoints=endpoints,
            websocket_timeout=-1,
            # Equal, so that no ping is sent before the last one was answered or timed out: autobahn would lose its
            # timer.
            ping_interval=ping_seconds,
            ping_timeout=ping_seconds,
            ready_callable=self._harden,
        )
        self.failure = ""
        # When a stop cancels the running applications (`time.monotonic`).
        self.over_at = 0.0
        self.sockets: set[SocketProtocol] = set()
        self.frames = Frames()
        # daphne creates it again when it runs: its notes on each protocol.
        self.connections: dict[Any, dict[str, Any]] = {}
        # The connections with a time limit: requests, and sockets until they are open.
        self._timed: set[Any] = set()
        # The connections that have disconnected, or whose application has ended.
        self._ending: set[Any] = set()
        # Whether a check of these is scheduled: daphne starts with one of each.
        self._times_soon = self._ends_soon = True
        self._max_sockets = max_sockets
        self.deflate = deflate
        self._ports: list[Any] = []
        self._stopping = False

    @property
    def full(self) -> bool:
        """Whether new sockets are refused."""
        return self._stopping or bool(self._max_sockets and len(self.sockets) >= self._max_sockets)

    # --- Hooks of daphne's server ------------------------------------------------------------------

    def _harden(self) -> None:
        self.http_factory.protocol = Channel
        # Ends its request log, which goes nowhere, and the log's clock, which wakes the process every second.
        self.http_factory.stopFactory()
        if self.deflate:
            self.ws_factory.setProtocolOptions(perMessageCompressionAccept=_accept_deflate)
        # As class attributes: autobahn would copy its 30 options to each socket, and format them for a disabled log, in
        # 0.2 ms per handshake.
        options = {name: getattr(self.ws_factory, name) for name in SocketProtocol.CONFIG_ATTRS}
        fixed = {name: staticmethod(value) if callable(value) else value for name, value in options.items()}
        self.ws_factory.protocol = type("Socket", (SocketProtocol,), fixed | {"CONFIG_ATTRS": []})

    def listen_success(self, port: Any) -> None:
        """daphne's hook: remember the port, to stop listening first."""
        self._ports.append(port)
        super().listen_success(port)

    def listen_error(self, failure: Any) -> None:
        """daphne's hook: set `failure` and end the server."""
        error = getattr(failure.value, "socketError", failure.value)
        self.failure = getattr(error, "strerror", None) or str(error)
        self.abort_start = True

    def protocol_connected(self, protocol: Any) -> None:
        """daphne's hook."""
        super().protocol_connected(protocol)
        self._timed.add(protocol)
        if not self._times_soon:
            self._times_soon = True
            reactor.callLater(TIMES_SECONDS, self.timeout_checker)

    def opened(self, socket: SocketProtocol) -> None:
        """Remove the time limit of a socket that is open: its pings limit it from now on."""
        self._timed.discard(socket)

    def protocol_disconnected(self, protocol: Any) -> None:
        """daphne's hook, also called for refused sockets."""
        # A refused socket was never registered.
        if protocol in self.connections:
            super().protocol_disconnected(protocol)
            self._end(protocol)

    def _end(self, protocol: Any) -> None:
        self._ending.add(protocol)
        if not self._ends_soon:
            self._ends_soon = True
            reactor.callLater(ENDS_SECONDS, self.application_checker)

    def timeout_checker(self) -> None:
        """daphne's hook: runs every two seconds while there is a connection to check, and schedules itself."""
        self._times_soon = bool(self._timed)
        if not self._times_soon:
            return
        with self._only(self._timed):
            super().timeout_checker()

    def application_checker(self) -> None:
        """daphne's hook: runs every second while there is a connection to check, and schedules itself."""
        self._ends_soon = bool(self._ending)
        if not self._ends_soon:
            return
        with self._only(self._ending):
            super().application_checker()

    @contextmanager
    def _only(self, protocols: Collection[Any]) -> Generator[None]:
        """Show only these connections to daphne's checkers: checking each of ten thousand idle sockets every second or
        two costs 1 or 2 % of a core."""
        everything = self.connections
        shown = {one: everything[one] for one in protocols if one in everything}
        self.connections = shown
        before = list(shown)
        try:
            yield
        finally:
            # A response that ends a request may start the next one of its pipeline.
            everything.update(shown)
            self.connections = everything
            for one in before:
                if one not in shown:
                    del everything[one]
                    self._timed.discard(one)
                    self._ending.discard(one)

    def create_application(
        self, protocol: Any, scope: dict[str, Any]
    ) -> "ReceiveQueue | asyncio.Queue[dict[str, Any]]":
        """Replaces daphne's hook: the root path is never taken from a header, and taking a message resumes reading."""
        queue: ReceiveQueue | asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        receive: Any = queue.get
        send: Any = partial(self._send_reply, protocol)
        scope |= {"root_path": self.root_path, "asgi": {"version": "3.0"}}
        if isinstance(protocol, ArrivingRequest) and protocol.arriving is not None:
            queue = protocol.arriving
            receive = queue.get
        if isinstance(protocol, SocketProtocol):
            queue = ReceiveQueue(protocol.call_again)
            receive, send = partial(protocol.receive, queue), protocol.send
            scope["extensions"] = {
                GATHERED: {"write": protocol.write_now},
                CALLED_AGAIN: {"register": queue.register, "wake": queue.wake},
            }
        self._run(protocol, self.application(scope=scope, receive=receive, send=send))
        return queue

    def call_again(self, socket: SocketProtocol, handler: Handler) -> None:
        """Run the registered handler of `socket` as its application."""
        self._run(socket, handler(partial(socket.receive, socket.application_queue)))

    def _run(self, protocol: Any, application: Any) -> None:
        running = asyncio.ensure_future(application)
        self.connections[protocol]["application_instance"] = running
        running.add_done_callback(partial(self._ended, protocol), context=_NO_CONTEXT)

    def _ended(self, protocol: Any, application: object) -> None:
        # The checker may have noticed the disconnect first, or a message has started the next application.
        noted = self.connections.get(protocol, {})
        if noted.get("application_instance") is not application:
            return
        if isinstance(protocol, SocketProtocol) and protocol.application_queue.registered:
            del noted["application_instance"]
        else:
            self._end(protocol)

    async def _send_reply(self, request: Any, message: dict[str, Any]) -> None:
        await self.handle_reply(request, message)
        channel = getattr(request, "channel", None)
        if isinstance(channel, Channel):
            await channel.wait_until_writable()

    def kill_all_applications(self) -> "Deferred[None]":
        """Drain; Twisted waits for that before it stops."""
        return Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    # --- Stopping ----------------------------------------------------------------------------------

    async def _drain(self) -> None:
        """Stop listening, drain the hub, wait for the running requests, and cancel the rest after STOP_SECONDS."""
        self._stopping = True
        self.over_at = until = time.monotonic() + STOP_SECONDS
        logger.info("Stopping: %d sockets are asked to reconnect elsewhere.", len(self.sockets))
        for port in self._ports:
            port.stopListening()
        if hub := running_hub():
            try:
                async with asyncio.timeout(until - time.monotonic()):
                    await hub.drain(settings.CHAT_DRAIN_SECONDS)
            except Exception:
                logger.exception("The sockets could not be drained.")
        for socket in self.sockets:
            # Their close frames are unanswered: keep their applications waiting for `disconnect`.
            socket.keep_reader()
        running = self._applications()
        if running:
            _, running = await asyncio.wait(running, timeout=max(until - time.monotonic(), 0.1))
        for application in running:
            application.cancel()
        if running:
            await asyncio.wait(running, timeout=1)

    def _applications(self) -> "set[asyncio.Future[Any]]":
        instances = (details.get("application_instance") for details in self.connections.values())
        return {instance for instance in instances if instance is not None and not instance.done()}


def _accept_deflate(offers: list[Any]) -> PerMessageDeflateOfferAccept | None:
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer):
            return PerMessageDeflateOfferAccept(offer)  # type: ignore[no-untyped-call]
    return None
