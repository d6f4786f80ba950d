"""daphne's socket, with what it lacks: backpressure in both directions, and cheap frames and pings."""

import asyncio
import time
from typing import Any, NamedTuple, Protocol

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chat.frames import PING, Frames
from chat.inbox import Inbox
from chat.live.burst import GATHERED
from chat.protocol.errors import Close

# Frames of one socket that wait for its consumer; then the socket is not read until half of them are done.
INBOUND_FRAMES = 64
# Bytes that wait in the transport before `send` waits; above what one history page brings.
OUTBOUND_BYTES = 1024 * 1024
# Bytes that one socket brings in a step of the loop. Autobahn moves what is left of them for each frame: a flooder
# whose megabyte was read at once held up everybody for 17 s, and one that brings 16 KiB still for 0.1 s.
READ_BYTES = 4 * 1024
# The answer to a ping, without its mask.
PONG = b"\x8a\x80"
# A reader that was too slow gets so long to read why it is closed.
SLOW_CLOSE_SECONDS = 30.0

_SENDING = ("websocket.send", GATHERED)


class Serving(Protocol):
    """What a socket knows of its server."""

    sockets: "set[SocketProtocol]"
    frames: Frames
    ping_interval: int
    connections: dict[Any, dict[str, Any]]

    @property
    def full(self) -> bool: ...


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
        server: Serving = self.factory.server_class
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

    async def receive(self, inbox: Inbox) -> dict[str, Any]:
        """The consumer takes a message."""
        message = await inbox.get()
        if self.held_back and self.application_queue.qsize() <= INBOUND_FRAMES // 2:
            self.held_back = False
            self.transport.resumeProducing()
        return message

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
        server: Serving = self.factory.server_class
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
