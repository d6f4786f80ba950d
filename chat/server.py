"""Daphne as a library, with what it lacks: a graceful stop, and backpressure in both directions.

What the plain `daphne` command does instead: SIGTERM cuts every socket without a close frame and without
`disconnect`; a client that reads nothing, or pushes without end, fills the memory (daphne#170); after a day
it closes each socket with 1000, which tells a client not to come back; any client may set the root path.
"""

import asyncio
import logging
import time
from functools import partial
from typing import Any, NamedTuple

from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept
from autobahn.websocket.types import ConnectionDeny
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chat.frames import Frames
from chat.inbox import Inbox
from chat.live.burst import GATHERED
from chat.live.hub import running_hub
from chat.protocol.errors import Close

logger = logging.getLogger(__name__)

# Frames of one socket that wait for its consumer; then the socket is not read until half of them are done.
INBOUND_FRAMES = 64
# Bytes that wait in the transport before `send` waits; above what one history page brings.
OUTBOUND_BYTES = 1024 * 1024
# Bytes that one socket brings in a step of the loop. Autobahn moves what is left of them for each frame: a flooder
# whose megabyte was read at once held up everybody for 17 s, and one that brings 16 KiB still for 0.1 s.
READ_BYTES = 4 * 1024
# Frames beyond this end the connection; those between CHAT_FRAME_MAX_BYTES and it get an error and live.
FRAME_BYTES = 1024 * 1024
PING = b"\x89\x00"
# The answer to it, without its mask.
PONG = b"\x8a\x80"
# A reader that was too slow gets so long to read why it is closed.
SLOW_CLOSE_SECONDS = 30.0
# After so long a stop lets go of whatever still holds it up; the process is gone two seconds later at most.
STOP_SECONDS = 13.0

_SENDING = ("websocket.send", GATHERED)


class _Opened(NamedTuple):
    """What daphne still asks of a request whose socket is open."""

    path: str


@implementer(IPushProducer)
class _Tap:
    """Told by the transport when all has gone out. That much waits, the protocol sees by itself: the transport's own
    mark is the size of a read as well."""

    def __init__(self, protocol: "SocketProtocol") -> None:
        self._protocol = protocol

    def pauseProducing(self) -> None:
        pass

    def resumeProducing(self) -> None:
        self._protocol.relieved()

    def stopProducing(self) -> None:
        self._protocol.relieved()


class SocketProtocol(WebSocketProtocol):
    """One socket: not written to while its transport is full; not read while its consumer is behind."""

    # While somebody waits for the transport.
    _writable: asyncio.Event | None = None

    def onConnect(self, request: Any) -> Any:
        server: HardenedServer = self.factory.server_class
        self.held_back = False
        self.answered = True
        self.ping_at = time.monotonic() + server.ping_interval
        if server.full:
            raise ConnectionDeny(503, "No more sockets here.")  # type: ignore[no-untyped-call]
        names = (request.path, request.headers.get("sec-websocket-protocol", ""), *request.headers)
        if not all(name.isascii() for name in names):
            # Daphne would fail at it, with a traceback for each handshake.
            raise ConnectionDeny(400, "Names in a handshake are ASCII.")  # type: ignore[no-untyped-call]
        server.sockets.add(self)
        # Until here the transport reported to the HTTP channel that the handshake came through.
        self.transport.unregisterProducer()
        self.transport.bufferSize = READ_BYTES
        self.transport.registerProducer(_Tap(self), True)
        return super().onConnect(request)

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        if reason.startswith("HTTP Origin header invalid"):
            # What is no Origin at all is refused as a foreign one.
            code = 403
        super().failHandshake(reason, code, responseHeaders)

    def onOpen(self) -> None:
        super().onOpen()
        # What the handshake said stays as long as the socket, otherwise: 2 KB.
        self.request: Any = _Opened(self.request.path)
        self.clean_headers = self.http_headers = self.http_request_data = None
        self.application_deferred = None

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.state != self.STATE_OPEN:
            # On its way when we closed: nobody wants it any more.
            return
        super().onMessage(payload, isBinary)
        if not self.held_back and self.application_queue.qsize() >= INBOUND_FRAMES:
            self.held_back = True
            self.transport.pauseProducing()

    def taken(self) -> None:
        """The consumer has taken a message."""
        if self.held_back and self.application_queue.qsize() <= INBOUND_FRAMES // 2:
            self.held_back = False
            self.transport.resumeProducing()

    def check_timeouts(self) -> None:
        """Daphne's own, which is called every other second, but with one ping for all: autobahn's costs 150 us with
        its timer and answer, half a core for those who keep ten thousand idle sockets. A peer that has not
        answered by the next ping is gone."""
        if self.state != self.STATE_OPEN:
            super().check_timeouts()
            return
        now = time.monotonic()
        if now < self.ping_at:
            return
        # The answer of one that is held back may wait behind what is not read.
        if not self.answered and not self.held_back:
            self.onAutoPingTimeout()
            return
        self.answered = False
        self.ping_at = now + self.factory.server_class.ping_interval
        self._write(PING)

    def dataReceived(self, data: bytes) -> None:
        self.answered = True
        # The usual answer, between two frames, says no more than that.
        if len(data) == 6 and data.startswith(PONG) and not self.data and self.current_frame is None:
            return
        super().dataReceived(data)

    async def send(self, message: dict[str, Any]) -> None:
        """Daphne's `handle_reply`, but it waits while the transport is full, tells when there is none any more, and
        takes many texts at once.

        Raises:
            ConnectionResetError: the peer is gone.
        """
        server: HardenedServer = self.factory.server_class
        texts = message.get("texts") or ((text,) if (text := message.get("text")) else ())
        if texts and self.plain:
            self._write(server.frames.of(texts))
        elif "disconnected" in server.connections.get(self, {"disconnected": True}):
            if message["type"] in _SENDING:
                raise ConnectionResetError("The peer is gone.")
            return
        elif message["type"] == GATHERED:
            for text in texts:
                self.serverSend(text)
        else:
            self.handle_reply(message)
        unwritten = len(self.transport.dataBuffer) + self.transport._tempDataLen
        if message["type"] in _SENDING and unwritten > OUTBOUND_BYTES:
            self._writable = self._writable or asyncio.Event()
            await self._writable.wait()

    def relieved(self) -> None:
        """All has gone out, or never will."""
        if self._writable:
            self._writable.set()
            self._writable = None

    def _write(self, frames: bytes) -> None:
        """Autobahn and Twisted would build each frame anew for each socket, and register the socket with the poller
        and take it out again for each frame: 15 us of 20."""
        transport = self.transport
        if transport.dataBuffer or transport._tempDataBuffer:
            transport.write(frames)
            return
        written = transport.writeSomeData(frames)
        # An error is left to the transport, which meets it again and ends the connection.
        if not isinstance(written, int):
            written = 0
        if written < len(frames):
            transport.write(frames[written:])

    @property
    def plain(self) -> bool:
        """Frames may be written as they are: the handshake is done, and nothing compresses them."""
        return self.state == self.STATE_OPEN and self._perMessageCompress is None

    def serverClose(self, code: int | None = None) -> None:
        if code == Close.TOO_SLOW:
            # The code waits behind what the peer has not read; after autobahn's second it would never come.
            self.closeHandshakeTimeout = SLOW_CLOSE_SECONDS
        if self.held_back:
            # The peer's answer is behind all that it has pushed; unread, the connection would end as broken (1006).
            self.held_back = False
            self.transport.resumeProducing()
        # `sendClose`, which daphne calls, refuses codes that belong to the protocol, 1012 among them.
        self.sendCloseFrame(code=1000 if code is None else code)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self.factory.server_class.sockets.discard(self)
        self.relieved()
        super().onClose(wasClean, code, reason)


class HardenedServer(Server):
    """Serves one ASGI application until SIGTERM or SIGINT, then drains. `failure` says why it could not listen."""

    def __init__(
        self, application: Any, *, endpoints: list[str], max_sockets: int, ping_seconds: int, deflate: bool
    ) -> None:
        """`max_sockets`: further handshakes are refused with 503; 0 means no limit. `ping_seconds`: between two
        pings, and for the answer to each. `deflate`: offer permessage-deflate, which saves bandwidth and costs
        memory a socket."""
        super().__init__(
            application,
            endpoints=endpoints,
            websocket_timeout=-1,
            # No ping is sent before the last is answered or given up: autobahn would forget the first one's timer.
            ping_interval=ping_seconds,
            ping_timeout=ping_seconds,
            websocket_max_message_size=FRAME_BYTES,
            websocket_max_frame_size=FRAME_BYTES,
            ready_callable=self._harden,
        )
        self.failure = ""
        # When a stop that has begun lets go of whatever holds it up (`time.monotonic`).
        self.over_at = 0.0
        self.sockets: set[SocketProtocol] = set()
        self.frames = Frames()
        self._max_sockets = max_sockets
        self._deflate = deflate
        self._ports: list[Any] = []
        self._stopping = False

    @property
    def full(self) -> bool:
        return self._stopping or bool(self._max_sockets and len(self.sockets) >= self._max_sockets)

    # --- Hooks of daphne's server ------------------------------------------------------------------

    def _harden(self) -> None:
        if self._deflate:
            self.ws_factory.setProtocolOptions(perMessageCompressionAccept=_accept_deflate)
        # The same for all: autobahn would copy its 30 options to each socket, and print them for a log that is off,
        # 0.2 ms a handshake.
        options = {name: getattr(self.ws_factory, name) for name in SocketProtocol.CONFIG_ATTRS}
        fixed = {name: staticmethod(value) if callable(value) else value for name, value in options.items()}
        self.ws_factory.protocol = type("Socket", (SocketProtocol,), fixed | {"CONFIG_ATTRS": []})

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        super().listen_success(port)

    def listen_error(self, failure: Any) -> None:
        error = getattr(failure.value, "socketError", failure.value)
        self.failure = getattr(error, "strerror", None) or str(error)
        self.abort_start = True

    def protocol_disconnected(self, protocol: Any) -> None:
        # One that was refused was never connected.
        if protocol in self.connections:
            super().protocol_disconnected(protocol)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> "Inbox | asyncio.Queue[dict[str, Any]]":
        """Daphne's own, but: the root path is ours alone, not a header's; and taking a message lets the socket
        be read again."""
        queue: Inbox | asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        receive: Any = queue.get
        send: Any = partial(self.handle_reply, protocol)
        scope |= {"root_path": self.root_path, "asgi": {"version": "3.0"}}
        if isinstance(protocol, SocketProtocol):
            queue = Inbox()
            receive, send = partial(_receive, protocol, queue), protocol.send
            scope["extensions"] = {GATHERED: {}}
        application = self.application(scope=scope, receive=receive, send=send)
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return queue

    def kill_all_applications(self) -> "Deferred[None]":
        """Twisted waits for this before it stops."""
        return Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    # --- Stopping ----------------------------------------------------------------------------------

    async def _drain(self) -> None:
        """Take nothing new, finish what is under way, and send everybody away in good order."""
        self._stopping = True
        self.over_at = until = time.monotonic() + STOP_SECONDS
        logger.info("Stopping: %d sockets are asked to reconnect elsewhere.", len(self.sockets))
        for port in self._ports:
            port.stopListening()
        if hub := running_hub():
            try:
                await asyncio.wait_for(hub.drain(settings.CHAT_DRAIN_SECONDS), until - time.monotonic())
            except Exception:
                logger.exception("The sockets could not be drained.")
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


async def _receive(protocol: SocketProtocol, inbox: Inbox) -> dict[str, Any]:
    message = await inbox.get()
    protocol.taken()
    return message


def _accept_deflate(offers: list[Any]) -> PerMessageDeflateOfferAccept | None:
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer):
            return PerMessageDeflateOfferAccept(offer)  # type: ignore[no-untyped-call]
    return None
