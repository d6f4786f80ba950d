"""One room's stream of durable events: in order, once, without a gap. No I/O; the clock is passed in.

Events come from three sources: this process' own commits, notifications of other processes, and reads of the database.
Notifications may be lost, repeated or reordered; the database is the truth. The stream returns the events that continue
its position, drops those at or below it, keeps those beyond the next number as pending, and determines when a gap
should be read from the database.

Invariant: a reader that received everything `offer` and `recover` returned holds the room's state as of `position`. A
number that never arrives belongs to a state that was superseded before it could be read.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from itertools import islice

from chat.services.publishing import Publication

# Seconds before a gap is read: a third process gets commits of two others out of order by about one network round trip.
GAP_PATIENCE_SECONDS = 0.05
# Recent events kept for sockets whose snapshot was read while these events were delivered.
RECENT_EVENTS = 256
# Events kept beyond a gap; more are dropped, and the read of the gap returns them too.
PENDING_EVENTS = 1024


class RoomStream:
    """Orders one room's events by `rev`; see the module for its invariant."""

    __slots__ = ("_gap_since", "_pending", "_recent", "_recent_floor", "head", "position")

    def __init__(self, position: int) -> None:
        """`position`: the room's `rev` as read from the database; snapshots hold the state up to it."""
        self.position = position
        # The highest number that is known to exist.
        self.head = position
        # Pending and recent events are allocated with the first one: empty they take 64 and 600 bytes, and few of ten
        # thousand rooms are active.
        self._pending: dict[int, Publication] | None = None
        self._gap_since: float | None = None
        self._recent: deque[Publication] | None = None
        # Every event after this number is still among the recent ones.
        self._recent_floor = position

    def offer(self, events: Iterable[Publication], now: float) -> list[Publication]:
        """Accept events of a commit or a notification; returns those that can be delivered now, in order."""
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
            self._gap_since = None
        self._watch(now)
        return ready

    def advance_head(self, head: int, now: float) -> None:
        """Record that the database holds `head`."""
        self.head = max(self.head, head)
        self._watch(now)

    def recover(self, events: Iterable[Publication], upto: int, head: int, now: float) -> list[Publication]:
        """Accept the database's changes between an earlier position and `upto`; returns the events to deliver now.

        `events` are all changes in between that were not superseded, in order of `rev`. `head` is the room's last
        number at that read; it is greater than `upto` when the changes did not fit into one read.
        """
        ready: list[Publication] = []
        for event in events:
            if self.position < event.rev <= upto:
                self._pass(event, ready)
        self.position = max(self.position, upto)
        if self._pending:
            self._pending = {rev: event for rev, event in self._pending.items() if rev > self.position}
        self._drain(ready)
        self.head = max(self.position, head, *(self._pending or ()))
        # Missing numbers were committed after that read: wait the full GAP_PATIENCE_SECONDS for them.
        self._gap_since = None
        self._watch(now)
        return ready

    @property
    def behind(self) -> bool:
        """Whether a number up to `head` is still missing."""
        return self.position < self.head

    @property
    def recover_at(self) -> float | None:
        """When the gap after `position` should be read from the database; None while there is no gap."""
        return None if self._gap_since is None else self._gap_since + GAP_PATIENCE_SECONDS

    def since(self, rev: int) -> list[Publication] | None:
        """The events delivered after `rev`; None when the recent events do not reach back to it."""
        if rev < self._recent_floor:
            return None
        if self._recent is None:
            return []
        start = bisect_right(self._recent, rev, key=lambda event: event.rev)
        return list(islice(self._recent, start, None))

    def _pass(self, event: Publication, ready: list[Publication]) -> None:
        self.position = event.rev
        if self._recent is None:
            self._recent = deque(maxlen=RECENT_EVENTS)
        if len(self._recent) == RECENT_EVENTS:
            self._recent_floor = self._recent[0].rev
        self._recent.append(event)
        ready.append(event)

    def _drain(self, ready: list[Publication]) -> None:
        while self._pending and (event := self._pending.pop(self.position + 1, None)):
            self._pass(event, ready)

    def _wait(self, event: Publication) -> None:
        if self._pending is None:
            self._pending = {}
        if len(self._pending) < PENDING_EVENTS:
            self._pending[event.rev] = event

    def _watch(self, now: float) -> None:
        if self.behind and self._gap_since is None:
            self._gap_since = now
