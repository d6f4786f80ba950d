"""Pings of all sockets from one timer, for both servers.

A timer per socket, and a check of each socket every two seconds, were half of the cost of ten thousand idle sockets.
The timer runs when a ping is due, at most once a second: a few sockets wake the process a few times a minute.
"""

import asyncio
import functools
from collections import OrderedDict
from typing import Protocol

TICK_SECONDS = 1.0


class Pinged(Protocol):
    """The part of a socket that `Keepalive` uses."""

    @property
    def ping_seconds(self) -> float:
        """The time between two pings, the same for all sockets of a loop."""

    def ping(self) -> None:
        """Disconnect the peer if it did not answer the last ping, or send the next one."""

    def finished(self, now: float) -> bool:
        """Fail the socket when its current message is overdue. Returns True without a message: make no more calls."""


class Keepalive:
    """Pings the sockets of a loop, and watches those that are in the middle of a message."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        # Socket -> time of its next ping. The interval is the same for all, so the first is always the next.
        self._due: OrderedDict[Pinged, float] = OrderedDict()
        # Sockets in the middle of a message.
        self._unfinished: set[Pinged] = set()

    def add(self, socket: Pinged) -> None:
        """Ping `socket` every `ping_seconds`."""
        self._due[socket] = self._loop.time() + socket.ping_seconds
        self._plan()

    def remove(self, socket: Pinged) -> None:
        """Ping `socket` no more."""
        self._due.pop(socket, None)
        self._unfinished.discard(socket)

    def watch(self, socket: Pinged) -> None:
        """A message has begun: call `finished` until it has arrived or failed."""
        first = not self._unfinished
        self._unfinished.add(socket)
        if first:
            self._plan()

    def _plan(self) -> None:
        """Set the timer to the next ping, at least one second ahead, or to one second ahead while messages are
        watched."""
        soon = self._loop.time() + TICK_SECONDS
        at = soon if self._unfinished else max(next(iter(self._due.values()), soon), soon)
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        try:
            self._ping()
        finally:
            # Even after an exception of one socket, which must not end the pings of all.
            if self._due or self._unfinished:
                self._plan()

    def _ping(self) -> None:
        now = self._loop.time()
        self._unfinished = {socket for socket in list(self._unfinished) if not socket.finished(now)}
        while self._due:
            socket, due = next(iter(self._due.items()))
            if due > now:
                break
            self._due.move_to_end(socket)
            self._due[socket] = now + socket.ping_seconds
            socket.ping()


# One for each loop: a process has one loop, the tests have many.
keepalive_of = functools.lru_cache(maxsize=1)(Keepalive)


def keepalive() -> Keepalive:
    """Return the `Keepalive` of the running loop."""
    return keepalive_of(asyncio.get_running_loop())
