"""uvicorn's socket, with what the fan-out needs: `uvicorn --ws chat.uvicorn:SocketProtocol`."""

import asyncio
import functools
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.http11 import Request
from websockets.protocol import State

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
from chat.server.receive_queue import Inbox

SWEEP_SECONDS = 1.0
# Before the server lets go of a peer that does not answer its close; one that was too slow has more to read first.
CLOSE_SECONDS = 10.0
SLOW_CLOSE_SECONDS = 30.0

_frames = Frames()


class Keepalive:
    """Pings all sockets of a loop from one timer: two timers for each ping and its answer, as uvicorn sets them, are
    half of what ten thousand idle sockets cost."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        # When each socket is next pinged. All wait equally long, so the first is always the next.
        self._due: OrderedDict[SocketProtocol, float] = OrderedDict()
        # In the middle of a message.
        self._unfinished: set[SocketProtocol] = set()

    def add(self, socket: "SocketProtocol") -> None:
        self._due[socket] = self._loop.time() + socket.ping_seconds
        self._start()

    def remove(self, socket: "SocketProtocol") -> None:
        self._due.pop(socket, None)
        self._unfinished.discard(socket)

    def watch(self, socket: "SocketProtocol") -> None:
        """A message has begun; its rest has only so much time."""
        self._unfinished.add(socket)
        self._start()

    def _start(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        # First: one socket that fails must not end the pings of all.
        self._timer = None
        if self._due or self._unfinished:
            self._start()
        now = self._loop.time()
        self._unfinished = {socket for socket in list(self._unfinished) if not socket.finished(now)}
        while self._due:
            socket, due = next(iter(self._due.items()))
            if due > now:
                break
            self._due.move_to_end(socket)
            self._due[socket] = now + socket.ping_seconds
            socket.ping()


# One for each loop: a process has one, tests have many.
_keepalive = functools.lru_cache(maxsize=1)(Keepalive)


class SocketProtocol(WebSocketsSansIOProtocol):
    """Reads frames as `serve` does, and writes those of a batch as they are, built once for all sockets."""

    # Why we failed it.
    failed: Violation | None = None
    # Since it was accepted.
    incoming: Incoming | None = None
    deflated = False
    # Not read: its consumer is behind, or the peer reads nothing and its transport is full.
    held_back = False
    full = False
    # Read, and not yet looked at.
    _unread = b""
    _reading_on = False
    # Of the last ping, while its answer waits for the transport.
    _pinged: bytes | None = None
    _unwritten = 0
    _dropped = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Inbox()  # type: ignore[assignment]  # all of it that is used
        self.answered = True
        if not settings.CHAT_DEFLATE:
            # uvicorn's own flag says yes by default.
            self.conn.available_extensions = None

    # --- Pings ---------------------------------------------------------------------------------------

    @property
    def ping_seconds(self) -> float:
        """uvicorn's `--ws-ping-interval`. A peer that has not answered by the next ping is gone, whatever
        `--ws-ping-timeout` says."""
        return self.ping_interval or 0.0

    def start_keepalive(self) -> None:
        if self.ping_seconds:
            _keepalive(self.loop).add(self)

    def stop_keepalive(self) -> None:
        _keepalive(self.loop).remove(self)

    def ping(self) -> None:
        """Called by `Keepalive` when it is time."""
        if self.close_sent or self.transport.is_closing():
            return
        unwritten = self.transport.get_write_buffer_size()
        if self.full:
            # It is not read, so whether it takes what is sent has to say that it lives.
            self.answered = unwritten < self._unwritten
        self._unwritten = unwritten
        # The answer of one that is held back waits behind the rest.
        if not self.answered and not self.held_back:
            self.keepalive_timeout()
            # Closed, it would wait for the peer to read everything.
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)
            return
        self.answered = False
        self.transport.write(PING)

    def finished(self, now: float) -> bool:
        """Called by `Keepalive` while a message is on its way; fails the socket when that takes too long."""
        if self.incoming is None or self.close_sent or not self.incoming.unfinished:
            return True
        if self.held_back or self.full or self._unread:
            # What is missing may be there, unread.
            self.incoming.excuse()
        elif self.incoming.overdue(now):
            self.fail(late())
        return False

    # --- The handshake ---------------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        if event.headers.get_all("Sec-WebSocket-Version") != [VERSION]:
            self._refuse_version()
            return
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][GATHERED] = {}
        # It would stay as long as the socket, 1 KB; the scope says it all.
        del self.request

    def _refuse_version(self) -> None:
        """As the library refuses others, but by the status and header of RFC 6455, 4.4."""
        response = self.conn.reject(426, f"This server speaks version {VERSION}.\n")
        response.headers["Sec-WebSocket-Version"] = VERSION
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.conn.send_response(response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def _begin(self) -> None:
        del self.response
        self.deflated = bool(self.conn.extensions)
        self.incoming = Incoming(_inflater(self.conn.extensions))
        self._read()

    # --- Reading ---------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self.answered = True
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
        """Take what has arrived, a little in each step of the loop, until the consumer is behind."""
        incoming = self.incoming
        if incoming is not None and not self.failed:
            data, self._unread = self._unread[:READ_BYTES], self._unread[READ_BYTES:]
            if data:
                incoming.feed(data)
            try:
                while not self.held_back and not self.transport.is_closing() and (arrived := incoming.take()):
                    self._hear(*arrived)
            except Violation as violation:
                self.fail(violation)
                return
            self._answer_ping()
            if incoming.unfinished:
                _keepalive(self.loop).watch(self)
        self._read_or_pause()

    def _read_or_pause(self) -> None:
        wait = bool(self.held_back or self.full or self._unread)
        if wait != self.read_paused and not self.transport.is_closing():
            self.read_paused = wait
            (self.transport.pause_reading if wait else self.transport.resume_reading)()
        if self._unread and not (self.held_back or self.incoming is None or self._reading_on):
            self._reading_on = True
            self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._reading_on = False
        self._read()

    def _hear(self, opcode: int, data: Any) -> None:
        match opcode:
            case Opcode.TEXT | Opcode.BINARY:
                # What was on its way when we closed, nobody wants any more.
                if not self.close_sent:
                    inbox = self._inbox
                    inbox.put_nowait({"type": "websocket.receive", "text" if opcode == Opcode.TEXT else "bytes": data})
                    self.held_back = inbox.full()
            case Opcode.PING:
                # Only the last one has to be answered (RFC 6455, 5.5.3).
                self._pinged = data
            case Opcode.CLOSE:
                self._answer_ping()
                # The library keeps the state of the handshake; it answers with the code that came (5.5.1).
                self.conn.receive_data(bytes((0x88, 0x80 | len(data), 0, 0, 0, 0)) + data)
                self.handle_events()

    def _answer_ping(self) -> None:
        """At once, or when the transport has room: what is not read is not added to."""
        if self._pinged is not None and self.writable.is_set() and not self.transport.is_closing():
            self.transport.write(pong(self._pinged))
            self._pinged = None

    @property
    def _inbox(self) -> Inbox:
        return self.queue  # type: ignore[return-value]

    async def receive(self) -> Any:
        message = await self._inbox.get()
        if self.held_back and not self._inbox.full(2):
            self.held_back = False
            self._read()
        return message

    def fail(self, violation: Violation) -> None:
        """Say why and read no more of it (RFC 6455, 7.1.7)."""
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
        self.held_back = self.full = False
        self._read_or_pause()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._let_go_in(LINGER_SECONDS)

    def _let_go_in(self, seconds: float) -> None:
        """Not uvicorn's `close`, which waits until a peer has read everything that reads nothing."""
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(seconds, self.transport.abort)

    # --- Writing ---------------------------------------------------------------------------------------

    def connection_lost(self, exc: Exception | None) -> None:
        if self.handshake_complete and not self.close_sent:
            # uvicorn says that a close frame came, without a code (RFC 6455, 7.1.5).
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        # Whoever reads nothing asks for nothing more, either.
        self.full = not self.close_sent
        self._unwritten = self.transport.get_write_buffer_size()
        self._read_or_pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._answer_ping()
        self.full = False
        self._read_or_pause()

    async def send(self, message: Any) -> None:
        if self.failed:
            raise ClientDisconnected
        kind = message["type"]
        if kind != GATHERED:
            await super().send(message)
            if kind == "websocket.accept" and self.handshake_complete:
                self._begin()
            elif kind == "websocket.close" and self.close_timer is not None:
                # The peer's answer is behind all that it has pushed.
                self.held_back = self.full = False
                self._let_go_in(SLOW_CLOSE_SECONDS if message.get("code") == Close.TOO_SLOW else CLOSE_SECONDS)
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


def _inflater(negotiated: Iterable[Any]) -> Inflater | None:
    for one in negotiated:
        if isinstance(one, PerMessageDeflate):
            return Inflater(window_bits=one.remote_max_window_bits, takeover=not one.remote_no_context_takeover)
    return None
