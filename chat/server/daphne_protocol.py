"""daphne's WebSocket protocol with backpressure in both directions, shared frames, our frame parser and cheap pings."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from autobahn.websocket.types import ConnectionDeny
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from chat.live.handshake import Handler
from chat.live.send_queue import GATHERED
from chat.protocol.errors import Close
from chat.server.daphne_handshake import HandshakeProtocol
from chat.server.frames import PING, Frames, pong
from chat.server.incoming import (
    LINGER_BYTES,
    LINGER_READ_BYTES,
    LINGER_SECONDS,
    READ_BYTES,
    Incoming,
    Inflater,
    Opcode,
    Violation,
    late,
)
from chat.server.keepalive import keepalive
from chat.server.receive_queue import ReceiveQueue, limit_kernel_buffer

# Unsent bytes in the transport above which `send` waits; more than one history page.
OUTBOUND_BYTES = 1024 * 1024
# Seconds for a slow reader to read the close frame.
SLOW_CLOSE_SECONDS = 30.0

_SENDING = ("websocket.send", GATHERED)


class Serving(Protocol):
    """The part of the server that its sockets use."""

    sockets: "set[SocketProtocol]"
    frames: Frames
    ping_interval: int
    connections: dict[Any, dict[str, Any]]

    @property
    def full(self) -> bool: ...

    def opened(self, socket: "SocketProtocol") -> None: ...

    def call_again(self, socket: "SocketProtocol", handler: Handler) -> None: ...


@implementer(IPushProducer)
class _Producer:
    """A producer that only receives "drained". The protocol measures the backlog itself: the transport's own limit is
    also the size of a read."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: "SocketProtocol") -> None:
        self._protocol = protocol

    def pauseProducing(self) -> None:
        """Ignored: the protocol measures the backlog itself."""

    def resumeProducing(self) -> None:
        """The transport is empty."""
        self._protocol.on_drained()

    def stopProducing(self) -> None:
        """The transport is closed."""
        self._protocol.on_drained()


class SocketProtocol(HandshakeProtocol):
    """One socket: `send` waits while its transport is full, and it is not read while its consumer is behind."""

    # Set while `send` waits for the transport.
    _writable: asyncio.Event | None = None
    # Each stops reading: the consumer's queue is full, or the transport is full because the peer does not read.
    consumer_behind = False
    full = False
    # The handshake has arrived, and the application decides about it.
    handshaken = False
    incoming: Incoming | None = None
    # Why the server failed the connection.
    failed: Violation | None = None
    # Payload of the last ping, while its pong waits for the transport.
    _pinged: bytes | None = None
    _unsent = 0
    _dropped = 0

    def onConnect(self, request: Any) -> Any:
        """autobahn's hook: refuse the handshake, or pass it to the application."""
        server: Serving = self.factory.server_class
        self.answered = True
        if server.full:
            raise ConnectionDeny(503, "No more sockets here.")  # type: ignore[no-untyped-call]
        names = (request.path, request.headers.get("sec-websocket-protocol", ""), *request.headers)
        if not all(name.isascii() for name in names):
            # Daphne would raise, and log a traceback for each handshake.
            raise ConnectionDeny(400, "Names in a handshake are ASCII.")  # type: ignore[no-untyped-call]
        server.sockets.add(self)
        self.handshaken = True
        # So far, the HTTP channel was the transport's producer.
        self.transport.unregisterProducer()
        self.transport.bufferSize = READ_BYTES
        self.transport.registerProducer(_Producer(self), True)
        return super().onConnect(request)

    def onOpen(self) -> None:
        """autobahn's hook: read frames with our parser from now on."""
        super().onOpen()
        limit_kernel_buffer(self.transport.socket)
        self.incoming = Incoming(_inflater(self._perMessageCompress))
        early, self.data = self.data, b""
        self.forget_handshake()
        self.factory.server_class.opened(self)
        keepalive().add(self)
        if early:
            self.incoming.feed(early)
            self._read()
            self._resume_reading()

    async def receive(self, queue: ReceiveQueue) -> dict[str, Any]:
        """The application's `receive`: take a message, and resume reading at half of the queue's bounds."""
        message = await queue.get()
        if self.consumer_behind and not queue.full(2):
            self.consumer_behind = False
            self._read()
            self._resume_reading()
        return message

    def call_again(self, handler: Handler) -> None:
        """A message has arrived after the application returned: run `handler`."""
        self.factory.server_class.call_again(self, handler)

    def keep_reader(self) -> None:
        """Keep the application waiting for its messages from now on, instead of a handler."""
        if queue := getattr(self, "application_queue", None):
            queue.keep_reader()

    @property
    def ping_seconds(self) -> float:
        """`CHAT_PING_SECONDS`. A peer that has not answered by the next ping is disconnected."""
        seconds: int = self.factory.server_class.ping_interval
        return seconds

    def ping(self) -> None:
        """Called by `Keepalive`, instead of autobahn's own pings, which cost 150 us each with timer and reply."""
        if self.state != self.STATE_OPEN:
            return
        if self.full:
            # Its pongs are not read; it is alive if it has read some of the unsent bytes.
            unsent = self._unsent_bytes()
            self.answered, self._unsent = unsent < self._unsent, unsent
        # The pong may be queued behind unread input.
        if not self.answered and not self.consumer_behind:
            self.onAutoPingTimeout()
            return
        self.answered = False
        self._write(PING)

    def finished(self, now: float) -> bool:
        """Called by `Keepalive` during a message; fails an overdue socket. Returns True to end these calls."""
        incoming = self.incoming
        if incoming is None or self.state != self.STATE_OPEN or not incoming.unfinished:
            return True
        if self.consumer_behind or self.full:
            # The rest of a message may have arrived unread.
            incoming.restart_timer()
        elif incoming.overdue(now):
            self.fail(late())
        return False

    def dataReceived(self, data: bytes) -> None:
        """Twisted's hook: feed the parser."""
        self.answered = True
        incoming = self.incoming
        if incoming is None:
            if self.handshaken:
                # Frames sent before the response to the handshake: read no more until then.
                self.data += data
                self.transport.pauseProducing()
            else:
                super().dataReceived(data)
            return
        if incoming.is_answer(data):
            return
        if self.failed:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.dropConnection(abort=True)
            return
        incoming.feed(data)
        self._read()

    def _read(self) -> None:
        """Handle complete frames until the consumer's queue is full."""
        if self.failed or self.incoming is None:
            return
        try:
            while (
                not self.consumer_behind
                and self.state in (self.STATE_OPEN, self.STATE_CLOSING)
                and (arrived := self.incoming.take())
            ):
                self._handle_frame(*arrived)
        except Violation as violation:
            self.fail(violation)
        if self.state == self.STATE_OPEN:
            if self._pinged is not None:
                self._answer_ping()
            if self.incoming.unfinished:
                keepalive().watch(self)

    def _handle_frame(self, opcode: int, data: Any) -> None:
        match opcode:
            case Opcode.TEXT | Opcode.BINARY:
                # Messages that arrive after our close frame are dropped.
                if self.state == self.STATE_OPEN:
                    queue = self.application_queue
                    queue.put_nowait({"type": "websocket.receive", "text" if opcode == Opcode.TEXT else "bytes": data})
                    if queue.full():
                        self.consumer_behind = True
                        self.transport.pauseProducing()
            case Opcode.PING:
                # Only the last ping needs a pong (RFC 6455, section 5.5.3).
                self._pinged = data
            case Opcode.CLOSE:
                if self._pinged is not None and self.state == self.STATE_OPEN:
                    self._answer_ping()
                self._handle_close_frame(data)

    def _handle_close_frame(self, payload: bytes) -> None:
        if self.state != self.STATE_OPEN:
            # The reply to our close frame.
            self.onCloseFrame(None, None)
            return
        self.wasClean = True
        # 1005 stands for "no code" (RFC 6455, section 7.1.5).
        self.remoteCloseCode = int.from_bytes(payload[:2]) if payload else 1005
        self.remoteCloseReason = None
        # Reply with the received code (section 5.5.1).
        code = self.remoteCloseCode if payload else None
        self.sendCloseFrame(code=code, reasonUtf8=payload[2:] or None, isReply=True)
        self.dropConnection(abort=False)

    def _answer_ping(self) -> None:
        """Send the pong now or, if the transport is full, when it is drained."""
        if self._pinged is not None and self._unsent_bytes() <= self.transport.bufferSize:
            self._write(pong(self._pinged))
            self._pinged = None

    def fail(self, violation: Violation) -> None:
        """Fail the connection (RFC 6455, section 7.1.7): send a close frame and drop further input."""
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
        self.on_drained()
        self.transport.unregisterProducer()
        # Dropping input costs less in large reads.
        self.transport.bufferSize = LINGER_READ_BYTES
        self.transport.resumeProducing()
        self.transport.loseWriteConnection()

    async def send(self, message: dict[str, Any]) -> None:
        """The application's `send`. Unlike daphne's `handle_reply`, it waits while the transport is full, raises when
        the peer has disconnected, and accepts GATHERED messages.

        Raises:
            ConnectionResetError: when the peer has disconnected.
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
            await self._wait_until_drained()

    def write_now(self, texts: Sequence[str]) -> bool:
        """The `write` of GATHERED: returns False while the transport has unsent bytes, or when the peer is gone."""
        transport = self.transport
        if not self.plain or transport.dataBuffer or transport._tempDataBuffer:
            return False
        self._write(self.factory.server_class.frames.of(texts))
        return True

    async def _wait_until_drained(self) -> None:
        """Wait until the transport is empty. Until then, the peer is not read either."""
        if not self.full and self.state == self.STATE_OPEN:
            self.full = True
            self._unsent = self._unsent_bytes()
            self.transport.pauseProducing()
        self._writable = self._writable or asyncio.Event()
        await self._writable.wait()

    def _unsent_bytes(self) -> int:
        """Return the number of bytes that the transport has not sent yet."""
        transport: Any = self.transport
        unsent: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
        return unsent

    def on_drained(self) -> None:
        """The transport is empty or closed: continue everything that waited for it."""
        if self._writable:
            self._writable.set()
            self._writable = None
        if self.state == self.STATE_OPEN and self._pinged is not None:
            self._answer_ping()
        if self.full:
            self.full = False
            self._resume_reading()

    def _resume_reading(self) -> None:
        if not (self.consumer_behind or self.full):
            self.transport.resumeProducing()

    def _write(self, frames: bytes) -> None:
        """Write encoded frames to the socket directly. autobahn and Twisted build each frame again for each socket, and
        register and unregister the socket with the poller for each frame: 15 us of 20."""
        transport = self.transport
        if transport.dataBuffer or transport._tempDataBuffer:
            transport.write(frames)
            return
        try:
            written = transport.socket.send(frames)
        except OSError:
            # The kernel's buffer is full; for any other error, the transport meets it too and ends the connection.
            written = 0
        if written < len(frames):
            transport.write(frames[written:])

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: ARG002
        """autobahn's hook: write the response to the handshake, and control frames."""
        self._write(data)

    @property
    def plain(self) -> bool:
        """Whether encoded frames may be written: the handshake is done, and compression is off."""
        return self.state == self.STATE_OPEN and self._perMessageCompress is None

    def serverClose(self, code: int | None = None) -> None:
        """daphne's hook: send the close frame."""
        if code == Close.TOO_SLOW:
            # The close frame is queued behind unread bytes; autobahn would disconnect after one second.
            self.closeHandshakeTimeout = SLOW_CLOSE_SECONDS
        if self.consumer_behind or self.full:
            # The peer's reply is queued behind its other frames; unread, the connection would end with 1006.
            self.consumer_behind = self.full = False
            self.transport.resumeProducing()
        # daphne calls `sendClose`, which refuses codes below 3000 except 1000, and so 1012.
        self.sendCloseFrame(code=1000 if code is None else code)
        self._read()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """autobahn's hook: unregister the socket."""
        self.factory.server_class.sockets.discard(self)
        keepalive().remove(self)
        self.on_drained()
        super().onClose(wasClean, code, reason)


def _inflater(negotiated: Any) -> Inflater | None:
    if negotiated is None:
        return None
    return Inflater(
        window_bits=negotiated.client_max_window_bits or 15, takeover=not negotiated.client_no_context_takeover
    )
