"""uvicorn's socket, with what the fan-out needs: `uvicorn --ws chat.uvicorn:SocketProtocol`."""

import asyncio
import functools
from collections import OrderedDict
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from chat.frames import PING, Frames
from chat.inbox import Inbox
from chat.live.burst import GATHERED

SWEEP_SECONDS = 1.0

_frames = Frames()


class Keepalive:
    """Pings all sockets of a loop from one timer: two timers for each ping and its answer, as uvicorn sets them, are
    half of what ten thousand idle sockets cost."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        # When each socket is next pinged. All wait equally long, so the first is always the next.
        self._due: OrderedDict[SocketProtocol, float] = OrderedDict()

    def add(self, socket: "SocketProtocol") -> None:
        self._due[socket] = self._loop.time() + socket.ping_seconds
        if self._timer is None:
            self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def remove(self, socket: "SocketProtocol") -> None:
        self._due.pop(socket, None)

    def _sweep(self) -> None:
        # First: one socket that fails must not end the pings of all.
        self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep) if self._due else None
        now = self._loop.time()
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
    """Writes the frames of a burst as they are, built once for all sockets, instead of one by one for each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Inbox()  # type: ignore[assignment]  # all of it that is used
        self.answered = True

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
        # The answer of one that is not read waits behind the rest.
        if not self.answered and not self.read_paused:
            self.keepalive_timeout()
            return
        self.answered = False
        self.transport.write(PING)

    def handle_pong(self, event: Frame) -> None:  # noqa: ARG002 - uvicorn's signature
        self.answered = True

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # Compression is of each socket; it takes the long way.
        if self.response.status_code == 101 and not self.conn.extensions:
            self.scope["extensions"][GATHERED] = {}
        # It would stay as long as the socket, 1 KB; the scope says it all.
        del self.request

    async def send(self, message: Any) -> None:
        if message["type"] != GATHERED:
            await super().send(message)
            if message["type"] == "websocket.accept":
                del self.response
            return
        if not self.writable.is_set():
            await self.writable.wait()
        if self.disconnected or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(_frames.of(message["texts"]))
