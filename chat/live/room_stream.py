"""One room's stream of durable events: in order, once, without a hole. No I/O; the clock is passed in.

Events come from three sides: this process' own commits, the channel layer's hints, and reads of the
database. Hints may be lost, doubled or out of order; the database is the truth. The feed passes on what
continues its position, drops what it has passed, keeps what is ahead, and says from when on a hole is
worth a read.

Invariant: whoever was given everything that `offer` and `heal` returned holds the room's state as of
`position`. A number that never comes belongs to a state that was superseded before it could be read.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from itertools import islice

from chat.services.publishing import Publication

# Commits of two processes reach a third one out of order by about a network round trip.
HOLE_PATIENCE_SECONDS = 0.05
# How much is kept for sockets that read their snapshot while events went by.
RING_EVENTS = 256
# What waits behind a hole; beyond it, the read of the hole brings the rest as well.
AHEAD_EVENTS = 1024


class RoomStream:
    __slots__ = ("_ahead", "_hole_since", "_ring", "_ring_floor", "head", "position")

    def __init__(self, position: int) -> None:
        """`position`: the room's head as read from the database; what came until then is told by snapshots."""
        self.position = position
        # The highest number that is known to exist.
        self.head = position
        # This and the ring are made with their first event: empty they take 64 and 600 bytes, and of ten thousand rooms
        # few are spoken in.
        self._ahead: dict[int, Publication] | None = None
        self._hole_since: float | None = None
        self._ring: deque[Publication] | None = None
        # Every event after this number is still in the ring.
        self._ring_floor = position

    def offer(self, events: Iterable[Publication], now: float) -> list[Publication]:
        """Take events in from a commit or a hint; returns what can be passed on, in order."""
        ready: list[Publication] = []
        for event in events:
            if event.rev == self.position + 1:
                self._pass(event, ready)
            elif event.rev > self.position:
                self._wait(event)
            if event.rev > self.head:
                self.head = event.rev
        self._drain(ready)
        if ready:
            self._hole_since = None
        self._watch(now)
        return ready

    def notice(self, head: int, now: float) -> None:
        """The database has come to `head`."""
        self.head = max(self.head, head)
        self._watch(now)

    def heal(self, events: Iterable[Publication], upto: int, head: int, now: float) -> list[Publication]:
        """Take in what the database held between an earlier position and `upto`; returns what can be passed on.

        `events` are all unsuperseded changes in between, in order of `rev`; `head` is the room's last number at
        that read, beyond `upto` when there was more than one read brings.
        """
        ready: list[Publication] = []
        for event in events:
            if self.position < event.rev <= upto:
                self._pass(event, ready)
        self.position = max(self.position, upto)
        if self._ahead:
            self._ahead = {rev: event for rev, event in self._ahead.items() if rev > self.position}
        self._drain(ready)
        self.head = max(self.position, head, *(self._ahead or ()))
        # Whatever is still missing was committed after that read: it gets the full patience.
        self._hole_since = None
        self._watch(now)
        return ready

    @property
    def behind(self) -> bool:
        return self.position < self.head

    @property
    def heal_at(self) -> float | None:
        """When the hole in front of the position should be read from the database; None while there is none."""
        return None if self._hole_since is None else self._hole_since + HOLE_PATIENCE_SECONDS

    def since(self, rev: int) -> list[Publication] | None:
        """What was passed on after `rev`; None when the ring does not reach back so far."""
        if rev < self._ring_floor:
            return None
        if self._ring is None:
            return []
        start = bisect_right(self._ring, rev, key=lambda event: event.rev)
        return list(islice(self._ring, start, None))

    def _pass(self, event: Publication, ready: list[Publication]) -> None:
        self.position = event.rev
        if self._ring is None:
            self._ring = deque(maxlen=RING_EVENTS)
        if len(self._ring) == RING_EVENTS:
            self._ring_floor = self._ring[0].rev
        self._ring.append(event)
        ready.append(event)

    def _drain(self, ready: list[Publication]) -> None:
        while self._ahead and (event := self._ahead.pop(self.position + 1, None)):
            self._pass(event, ready)

    def _wait(self, event: Publication) -> None:
        if self._ahead is None:
            self._ahead = {}
        if len(self._ahead) < AHEAD_EVENTS:
            self._ahead[event.rev] = event

    def _watch(self, now: float) -> None:
        if not self.behind:
            self._hole_since = None
        elif self._hole_since is None:
            self._hole_since = now
