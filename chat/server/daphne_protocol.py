"""daphne's socket, with what it lacks: backpressure in both directions, and cheap frames and pings."""

import asyncio
import time
from typing import Any, NamedTuple, Protocol

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chat.live.send_queue import GATHERED
from chat.protocol.errors import Close
from chat.server.frames import PING, Frames, pong
from chat.server.incoming import (
    LINGER_BYTES,
    LINGER_READ_BYTES,
    LINGER_SECONDS,
    READ_BYTES,
    VERSION,
    Incoming,
    Inflater,
    Opcode,
    Violation,
    late,
)
from chat.server.receive_queue import Inbox

# Bytes that wait in the transport before `send` waits; above what one history page brings.
OUTBOUND_BYTES = 1024 * 1024
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
    # Not read: its consumer is behind, or the peer reads nothing and its transport is full.
    held_back = False
    full = False
    # The handshake is with the application; then it is done.
    handshaken = False
    incoming: Incoming | None = None
    # Why we failed it.
    failed: Violation | None = None
    # Of the last ping, while its answer waits for the transport.
    _pinged: bytes | None = None
    _unwritten = 0
    _dropped = 0
    # Read, and not yet looked at: the handshake is read by the library.
    data: bytes

    def onConnect(self, request: Any) -> Any:
        server: Serving = self.factory.server_class
        self.answered = True
        self.ping_at = time.monotonic() + server.ping_interval
        if server.full:
            raise ConnectionDeny(503, "No more sockets here.")  # type: ignore[no-untyped-call]
        names = (request.path, request.headers.get("sec-websocket-protocol", ""), *request.headers)
        if not all(name.isascii() for name in names):
            # Daphne would fail at it, with a traceback for each handshake.
            raise ConnectionDeny(400, "Names in a handshake are ASCII.")  # type: ignore[no-untyped-call]
        server.sockets.add(self)
        self.handshaken = True
        # Until here the transport reported to the HTTP channel that the handshake came through.
        self.transport.unregisterProducer()
        self.transport.bufferSize = READ_BYTES
        self.transport.registerProducer(_Tap(self), True)
        return super().onConnect(request)

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        if reason.startswith("HTTP Origin header invalid"):
            # What is no Origin at all is refused as a foreign one.
            code = 403
        elif "WebSocket-Version" in reason or "WebSocket version" in reason:
            # RFC 6455, 4.4.
            code, responseHeaders = 426, [("Sec-WebSocket-Version", VERSION)]
        super().failHandshake(reason, code, responseHeaders)

    def onOpen(self) -> None:
        super().onOpen()
        # What the handshake said stays as long as the socket, otherwise: 2 KB.
        self.request: Any = _Opened(self.request.path)
        self.clean_headers = self.http_headers = self.http_request_data = None
        self.application_deferred = None
        self.incoming = Incoming(_inflater(self._perMessageCompress))
        early, self.data = self.data, b""
        if early:
            self.incoming.feed(early)
            self._read()
            self._read_on()

    async def receive(self, inbox: Inbox) -> dict[str, Any]:
        """The consumer takes a message."""
        message = await inbox.get()
        if self.held_back and not inbox.full(2):
            self.held_back = False
            self._read()
            self._read_on()
        return message

    def check_timeouts(self) -> None:
        """Daphne's own, which is called every other second, but with one ping for all: autobahn's costs 150 us with
        its timer and answer, half a core for those who keep ten thousand idle sockets. A peer that has not
        answered by the next ping is gone."""
        if self.state != self.STATE_OPEN:
            super().check_timeouts()
            return
        now, incoming = time.monotonic(), self.incoming
        assert incoming is not None
        if self.held_back or self.full:
            # What is missing of a message may be there, unread.
            incoming.excuse()
        elif incoming.overdue(now):
            self.fail(late())
            return
        if now < self.ping_at:
            return
        unwritten = self._waiting()
        if self.full:
            # It is not read, so whether it takes what is sent has to say that it lives.
            self.answered = unwritten < self._unwritten
        self._unwritten = unwritten
        # The answer of one that is held back may wait behind what is not read.
        if not self.answered and not self.held_back:
            self.onAutoPingTimeout()
            return
        self.answered = False
        self.ping_at = now + self.factory.server_class.ping_interval
        self._write(PING)

    def dataReceived(self, data: bytes) -> None:
        self.answered = True
        incoming = self.incoming
        if incoming is None:
            if self.handshaken:
                # Before our answer to its handshake: not read until then.
                self.data += data
                self.transport.pauseProducing()
            else:
                super().dataReceived(data)
            return
        # The usual answer, between two frames, says no more than that.
        if len(data) == 6 and data.startswith(PONG) and not incoming.unfinished:
            return
        if self.failed:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.dropConnection(abort=True)
            return
        incoming.feed(data)
        self._read()

    def _read(self) -> None:
        """Take what has arrived, until the consumer is behind."""
        if self.failed or self.incoming is None:
            return
        try:
            while (
                not self.held_back
                and self.state in (self.STATE_OPEN, self.STATE_CLOSING)
                and (arrived := self.incoming.take())
            ):
                self._hear(*arrived)
        except Violation as violation:
            self.fail(violation)
        if self._pinged is not None and self.state == self.STATE_OPEN:
            self._answer_ping()

    def _hear(self, opcode: int, data: Any) -> None:
        match opcode:
            case Opcode.TEXT | Opcode.BINARY:
                # What was on its way when we closed, nobody wants any more.
                if self.state == self.STATE_OPEN:
                    inbox = self.application_queue
                    inbox.put_nowait({"type": "websocket.receive", "text" if opcode == Opcode.TEXT else "bytes": data})
                    if inbox.full():
                        self.held_back = True
                        self.transport.pauseProducing()
            case Opcode.PING:
                # Only the last one has to be answered (RFC 6455, 5.5.3).
                self._pinged = data
            case Opcode.CLOSE:
                if self._pinged is not None and self.state == self.STATE_OPEN:
                    self._answer_ping()
                self._hear_close(data)

    def _hear_close(self, payload: bytes) -> None:
        if self.state != self.STATE_OPEN:
            # The answer to ours.
            self.onCloseFrame(None, None)
            return
        self.wasClean = True
        # "No code" is a code, too (RFC 6455, 7.1.5).
        self.remoteCloseCode = int.from_bytes(payload[:2]) if payload else 1005
        self.remoteCloseReason = None
        # With what came (5.5.1).
        code = self.remoteCloseCode if payload else None
        self.sendCloseFrame(code=code, reasonUtf8=payload[2:] or None, isReply=True)
        self.dropConnection(abort=False)

    def _answer_ping(self) -> None:
        """At once, or when the transport has room: what is not read is not added to."""
        if self._pinged is not None and self._waiting() <= self.transport.bufferSize:
            self._write(pong(self._pinged))
            self._pinged = None

    def fail(self, violation: Violation) -> None:
        """Say why and read no more of it (RFC 6455, 7.1.7)."""
        if self.state == self.STATE_CLOSING:
            self.dropConnection(abort=False)
        if self.state != self.STATE_OPEN:
            return
        self.failed = violation
        self.closeHandshakeTimeout = LINGER_SECONDS
        self.sendCloseFrame(code=violation.code, reasonUtf8=violation.reason.encode())
        self.application_queue.put_nowait(
            {"type": "websocket.disconnect", "code": violation.code, "reason": violation.reason}
        )
        self.muted = True
        self.relieved()
        self.transport.unregisterProducer()
        # What is only dropped costs less in large pieces.
        self.transport.bufferSize = LINGER_READ_BYTES
        self.transport.resumeProducing()
        self.transport.loseWriteConnection()

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
        transport = self.transport
        if len(transport.dataBuffer) + transport._tempDataLen > OUTBOUND_BYTES and message["type"] in _SENDING:
            await self._room()

    async def _room(self) -> None:
        """Wait until the transport has taken everything. Until then the peer asks for nothing more, either."""
        if not self.full and self.state == self.STATE_OPEN:
            self.full = True
            self._unwritten = self._waiting()
            self.transport.pauseProducing()
        self._writable = self._writable or asyncio.Event()
        await self._writable.wait()

    def _waiting(self) -> int:
        """Bytes that the transport has not sent yet."""
        transport: Any = self.transport
        unsent: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
        return unsent

    def relieved(self) -> None:
        """All has gone out, or never will."""
        if self._writable:
            self._writable.set()
            self._writable = None
        if self.state == self.STATE_OPEN and self._pinged is not None:
            self._answer_ping()
        if self.full:
            self.full = False
            self._read_on()

    def _read_on(self) -> None:
        if not (self.held_back or self.full):
            self.transport.resumeProducing()

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
        if self.held_back or self.full:
            # The peer's answer is behind all that it has pushed; unread, the connection would end as broken (1006).
            self.held_back = self.full = False
            self.transport.resumeProducing()
        # `sendClose`, which daphne calls, refuses codes that belong to the protocol, 1012 among them.
        self.sendCloseFrame(code=1000 if code is None else code)
        self._read()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self.factory.server_class.sockets.discard(self)
        self.relieved()
        super().onClose(wasClean, code, reason)


def _inflater(negotiated: Any) -> Inflater | None:
    if negotiated is None:
        return None
    return Inflater(
        window_bits=negotiated.client_max_window_bits or 15, takeover=not negotiated.client_no_context_takeover
    )
