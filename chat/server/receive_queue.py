"""The queue of messages that one socket has received and its consumer has not yet taken."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from chat.live.handshake import Handler

# At either bound the socket is no longer read; it is read again below half of both.
INBOUND_FRAMES = 64
INBOUND_BYTES = 256 * 1024
# The kernel's receive buffer of a socket that is not read; Linux doubles it, and would let it grow to 6 MB. A proxy in
# front reads from the sender as long as there is room: 34 flooding sockets took a core of nginx.
KERNEL_BYTES = 64 * 1024


class ReceiveQueue:
    """The part of `asyncio.Queue` that the servers use, for one reader. Empty, it takes 0.1 KB instead of 3.4 KB, most
    of which are the queues of waiters."""

    __slots__ = ("_arrived", "_handler", "_messages", "_size", "_start")

    def __init__(self, start: Callable[[Handler], None] | None = None) -> None:
        """`start` runs a handler in a task; without it, `register` refuses all."""
        self._messages: list[dict[str, Any]] = []
        self._size = 0
        self._arrived: asyncio.Future[None] | None = None
        self._start = start
        self._handler: Handler | None = None

    def put_nowait(self, message: dict[str, Any]) -> None:
        """Append a message; never refuses one."""
        self._messages.append(message)
        self._size += _size(message)
        if self._arrived and not self._arrived.done():
            self._arrived.set_result(None)
        self._call_handler()

    def register(self, handler: Handler) -> bool:
        """`register` of `chat.live.handshake.CALLED_AGAIN`: the reader returns, and `handler` runs with the next
        message. False: the reader must read on."""
        if self._messages or self._start is None:
            return False
        self._handler = handler
        return True

    @property
    def registered(self) -> bool:
        """Whether a handler is registered, and there is no reader."""
        return self._handler is not None

    def keep_reader(self) -> None:
        """Run the handler now, if there is one, and register no more: a reader can be awaited and cancelled."""
        self._call_handler()
        self._start = None

    def wake(self) -> bool:
        """`wake` of CALLED_AGAIN: run the handler now, without a message. Returns False when there is none."""
        return self._call_handler()

    def _call_handler(self) -> bool:
        handler, self._handler = self._handler, None
        if handler and self._start:
            self._start(handler)
            return True
        return False

    async def get(self) -> dict[str, Any]:
        """Wait for the first message, remove and return it."""
        while not self._messages:
            self._arrived = asyncio.get_running_loop().create_future()
            try:
                await self._arrived
            finally:
                self._arrived = None
        # At most 64 items: removing the first item of a list is cheap.
        message = self._messages.pop(0)
        self._size -= _size(message)
        return message

    def full(self, parts: int = 1) -> bool:
        """Return whether a bound is reached; with `parts` 2, half of a bound."""
        return len(self._messages) * parts >= INBOUND_FRAMES or self._size * parts >= INBOUND_BYTES

    def qsize(self) -> int:
        """Return the number of messages."""
        return len(self._messages)

    def empty(self) -> bool:
        """Return whether there is no message."""
        return not self._messages


def _size(message: dict[str, Any]) -> int:
    return len(message.get("text") or message.get("bytes") or "")


def limit_kernel_buffer(connection: socket.socket) -> None:
    """Set the receive buffer of an accepted WebSocket to KERNEL_BYTES."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
