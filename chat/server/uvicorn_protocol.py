"""uvicorn's WebSocket protocol with shared frames, our frame parser, backpressure and cheap pings.

Run it with `uvicorn --ws chat.uvicorn:SocketProtocol`.
"""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from django.conf import settings
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from chat.live.handshake import CALLED_AGAIN, Handler
from chat.live.send_queue import GATHERED
from chat.protocol.errors import Close
from chat.server.frames import PING, Frames, pong
from chat.server.incoming import (
    LINGER_BYTES,
    LINGER_SECONDS,
    READ_BYTES,
    VERSION,
    Incoming,
    Inflater,
    Opcode,
    Violation,
    late,
)
from chat.server.keepalive import keepalive_of
from chat.server.receive_queue import ReceiveQueue, limit_kernel_buffer
from chat.server.writable import Writable

# Seconds for a peer to answer a close frame; a slow reader has more to read first.
CLOSE_SECONDS = 10.0
SLOW_CLOSE_SECONDS = 30.0

_frames = Frames()


class SocketProtocol(WebSocketsSansIOProtocol):
    """Reads frames as `serve` does, and writes batches of frames that are encoded once for all sockets."""

    # Why the server failed the connection.
    failed: Violation | None = None
    # Set once the handshake is accepted.
    incoming: Incoming | None = None
    deflated = False
    # Each stops reading: the consumer's queue is full, or the transport is full because the peer does not read.
    consumer_behind = False
    full = False
    # Received bytes that are not parsed yet.
    _unread = b""
    _read_scheduled = False
    # Payload of the last ping, while its pong waits for the transport.
    _pinged: bytes | None = None
    _unsent = 0
    _dropped = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Both have only the methods that uvicorn uses.
        self.queue = ReceiveQueue(self._call_again)  # type: ignore[assignment]
        self.writable = Writable()  # type: ignore[assignment]
        self.answered = True
        if not settings.CHAT_DEFLATE:
            # uvicorn's own flag is on by default.
            self.conn.available_extensions = None

    # --- Pings ---------------------------------------------------------------------------------------

    @property
    def ping_seconds(self) -> float:
        """uvicorn's `--ws-ping-interval`. A peer that has not answered by the next ping is disconnected;
        `--ws-ping-timeout` is ignored."""
        return self.ping_interval or 0.0

    def start_keepalive(self) -> None:
        """uvicorn's hook: use `Keepalive` instead of its timers."""
        if self.ping_seconds:
            keepalive_of(self.loop).add(self)

    def stop_keepalive(self) -> None:
        """uvicorn's hook."""
        keepalive_of(self.loop).remove(self)

    def ping(self) -> None:
        """Called by `Keepalive`: disconnect the peer if it did not answer the last ping, or send the next one."""
        if self.close_sent or self.transport.is_closing():
            return
        if self.full:
            # Its pongs are not read; it is alive if it has read some of the unsent bytes.
            unsent = self.transport.get_write_buffer_size()
            self.answered, self._unsent = unsent < self._unsent, unsent
        # The pong may be queued behind unread input.
        if not self.answered and not self.consumer_behind:
            self.keepalive_timeout()
            # A plain close would wait until the peer has read everything.
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)
            return
        self.answered = False
        self.transport.write(PING)

    def finished(self, now: float) -> bool:
        """Called by `Keepalive` during a message; fails an overdue socket. Returns True to end these calls."""
        if self.incoming is None or self.close_sent or not self.incoming.unfinished:
            return True
        if self.consumer_behind or self.full or self._unread:
            # The rest of the message may have arrived unread.
            self.incoming.restart_timer()
        elif self.incoming.overdue(now):
            self.fail(late())
        return False

    # --- The handshake ---------------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        """uvicorn's hook: check the version, and offer our extensions in the scope."""
        if event.headers.get_all("Sec-WebSocket-Version") != [VERSION]:
            self._refuse_version()
            return
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[GATHERED] = {"write": self.write_now}
            extensions[CALLED_AGAIN] = {"register": self._receive_queue.register, "wake": self._receive_queue.wake}
        # 1 KB that would live as long as the socket; the scope has the same data.
        del self.request

    def _refuse_version(self) -> None:
        """Refuse the handshake with the status and header of RFC 6455, section 4.4."""
        response = self.conn.reject(426, f"This server speaks version {VERSION}.\n")
        response.headers["Sec-WebSocket-Version"] = VERSION
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.conn.send_response(response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    async def run_asgi(self) -> None:
        """uvicorn's hook: run the application. If it registers a handler, the connection stays open when it returns."""
        await self._finish(self.app(self.scope, self.receive, self.send))

    def _call_again(self, handler: Handler) -> None:
        task = self.loop.create_task(self._finish(handler(self.receive)))
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    async def _finish(self, application: Awaitable[None]) -> None:
        try:
            await application
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if self._receive_queue.registered:
                self.scope = {}  # type: ignore[typeddict-item]  # 1 KB that nothing reads any more
                return
            if not self.handshake_complete:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        if self.close_timer is None:
            self.transport.close()

    def _begin(self) -> None:
        """Read frames: the handshake is done."""
        del self.response
        # The library's parser keeps the request, 3 to 6 KB, as long as it keeps reading.
        begun, self.conn = self.conn, ServerProtocol(state=State.OPEN, logger=self.logger)
        self.conn.extensions = begun.extensions
        # Breaks a reference cycle, which would last until a garbage collection.
        begun.parser.close()
        limit_kernel_buffer(self.transport.get_extra_info("socket"))
        self.deflated = bool(self.conn.extensions)
        self.incoming = Incoming(_inflater(self.conn.extensions))
        self._read()

    # --- Reading ---------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """asyncio's hook: read the handshake with the library, and frames with our parser."""
        self.answered = True
        if self.incoming is not None and not self._unread and self.incoming.is_answer(data):
            return
        if not self.handshake_initiated:
            head, end, early = data.partition(b"\r\n\r\n")
            super().data_received(head + end)
            data = early
        if self.failed:
            self._dropped += len(data)
            if self._dropped > LINGER_BYTES:
                self.transport.abort()
            return
        if data:
            self._unread += data
            self._read()

    def _read(self) -> None:
        """Handle up to READ_BYTES of frames per step of the loop, until the consumer's queue is full."""
        incoming = self.incoming
        if incoming is not None and not self.failed:
            data, self._unread = self._unread[:READ_BYTES], self._unread[READ_BYTES:]
            if data:
                incoming.feed(data)
            try:
                while not self.consumer_behind and not self.transport.is_closing() and (arrived := incoming.take()):
                    self._handle_frame(*arrived)
            except Violation as violation:
                self.fail(violation)
                return
            self._answer_ping()
            if incoming.unfinished:
                keepalive_of(self.loop).watch(self)
        self._read_or_pause()

    def _read_or_pause(self) -> None:
        wait = bool(self.consumer_behind or self.full or self._unread)
        if wait != self.read_paused and not self.transport.is_closing():
            self.read_paused = wait
            (self.transport.pause_reading if wait else self.transport.resume_reading)()
        if self._unread and not (self.consumer_behind or self.incoming is None or self._read_scheduled):
            self._read_scheduled = True
            self.loop.call_soon(self._read_next)

    def _read_next(self) -> None:
        self._read_scheduled = False
        self._read()

    def _handle_frame(self, opcode: int, data: Any) -> None:
        match opcode:
            case Opcode.TEXT | Opcode.BINARY:
                # Messages that arrive after our close frame are dropped.
                if not self.close_sent:
                    queue = self._receive_queue
                    queue.put_nowait({"type": "websocket.receive", "text" if opcode == Opcode.TEXT else "bytes": data})
                    self.consumer_behind = queue.full()
            case Opcode.PING:
                # Only the last ping needs a pong (RFC 6455, section 5.5.3).
                self._pinged = data
            case Opcode.CLOSE:
                self._answer_ping()
                # The library tracks the closing state, and replies with the received code (section 5.5.1).
                self.conn.receive_data(bytes((0x88, 0x80 | len(data), 0, 0, 0, 0)) + data)
                self.handle_events()

    def _answer_ping(self) -> None:
        """Send the pong now or, if the transport is full, when it is drained."""
        if self._pinged is not None and self.writable.is_set() and not self.transport.is_closing():
            self.transport.write(pong(self._pinged))
            self._pinged = None

    @property
    def _receive_queue(self) -> ReceiveQueue:
        return self.queue  # type: ignore[return-value]

    async def receive(self) -> Any:
        """The application's `receive`: take a message, and resume reading at half of the queue's bounds."""
        message = await self._receive_queue.get()
        if self.consumer_behind and not self._receive_queue.full(2):
            self.consumer_behind = False
            self._read()
        return message

    def fail(self, violation: Violation) -> None:
        """Fail the connection (RFC 6455, section 7.1.7): send a close frame and drop further input."""
        self.failed = violation
        self._unread = b""
        if self.close_sent:
            self.transport.abort()
            return
        self.stop_keepalive()
        self.conn.fail(violation.code, violation.reason)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": violation.code, "reason": violation.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.consumer_behind = self.full = False
        self._read_or_pause()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._abort_in(LINGER_SECONDS)

    def _abort_in(self, seconds: float) -> None:
        """Disconnect after `seconds`. uvicorn's `close` would wait until the peer has read everything."""
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(seconds, self.transport.abort)

    # --- Writing ---------------------------------------------------------------------------------------

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's hook: end the application's `receive`."""
        if self.handshake_complete and not self.close_sent:
            # 1006: no close frame was received (RFC 6455, section 7.1.5); uvicorn would report 1005.
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """asyncio's hook: the transport is full."""
        super().pause_writing()
        # Do not read a peer that does not read.
        self.full = not self.close_sent
        self._unsent = self.transport.get_write_buffer_size()
        self._read_or_pause()

    def resume_writing(self) -> None:
        """asyncio's hook: the transport has drained."""
        super().resume_writing()
        self._answer_ping()
        self.full = False
        self._read_or_pause()

    async def send(self, message: Any) -> None:
        """The application's `send`, which also accepts GATHERED messages.

        Raises:
            ClientDisconnected: when the peer has disconnected.
        """
        if self.failed:
            raise ClientDisconnected
        kind = message["type"]
        if kind != GATHERED:
            await super().send(message)
            if kind == "websocket.accept" and self.handshake_complete:
                self._begin()
            elif kind == "websocket.close" and self.close_timer is not None:
                # The peer's reply is queued behind its other frames.
                self.consumer_behind = self.full = False
                self._abort_in(SLOW_CLOSE_SECONDS if message.get("code") == Close.TOO_SLOW else CLOSE_SECONDS)
                self._read()
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        if self.deflated:
            for text in message["texts"]:
                self.conn.send_text(text.encode())
            self.transport.write(b"".join(self.conn.data_to_send()))
        else:
            self.transport.write(_frames.of(message["texts"]))

    def write_now(self, texts: Sequence[str]) -> bool:
        """The `write` of GATHERED: False while the transport is full, the peer is gone, or frames are compressed."""
        if not self.writable.is_set() or self.failed or self.deflated or self.disconnected:
            return False
        if self.conn.state is not State.OPEN:
            return False
        self.transport.write(_frames.of(texts))
        return True


def _inflater(negotiated: Iterable[Any]) -> Inflater | None:
    for one in negotiated:
        if isinstance(one, PerMessageDeflate):
            return Inflater(window_bits=one.remote_max_window_bits, takeover=not one.remote_no_context_takeover)
    return None
