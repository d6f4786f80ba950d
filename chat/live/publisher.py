"""Publishes room events: to the sockets of this process directly, to the other processes by notifications."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

from chat import metrics
from chat.live.broker import Message
from chat.live.cluster import ClusterBus
from chat.live.read_marks import ReadMarks
from chat.live.rooms import LocalRooms
from chat.protocol.events import Event
from chat.services.publishing import Moved, Publication

_HERE, _ELSEWHERE = metrics.DELIVERY.labels("same"), metrics.DELIVERY.labels("other")


class Publisher:
    """Sends and receives room events."""

    def __init__(self, bus: ClusterBus, rooms: LocalRooms, read_marks: ReadMarks) -> None:
        self._bus = bus
        self._rooms = rooms
        self._read_marks = read_marks
        bus.on("room.events", self._receive_events)
        bus.on("room.live", self._receive_live)

    def publish(self, committed_at: float, changes: Iterable[Publication], moved: Sequence[Moved] = ()) -> None:
        """Deliver durable events that this process committed at `committed_at` (seconds, `time.time`), with the
        authors' read marks that they moved."""
        by_room: defaultdict[int, list[Publication]] = defaultdict(list)
        # Sent in the same notification: a process with a socket of the author in this room holds the room.
        reads: defaultdict[int, list[tuple[int, str, int]]] = defaultdict(list)
        for mark in moved:
            reads[mark.room_id].append((mark.user_id, mark.room, mark.seq))
        for change in changes:
            by_room[change.room_id].append(change)
        for room_id, publications in by_room.items():
            if room := self._rooms.get(room_id):
                room.offer(publications)
                _HERE.observe(time.time() - committed_at)
            fields = {"revs": [one.rev for one in publications], "texts": [one.text for one in publications]}
            if room_id in reads:
                fields["reads"] = reads[room_id]
            self._bus.notify_room(room_id, "room.events", at=committed_at, **fields)
        for mark in moved:
            self._read_marks.posted(mark)

    def _receive_events(self, notification: Message) -> None:
        room_id = notification["room"]
        if room := self._rooms.get(room_id):
            numbered = zip(notification["revs"], notification["texts"], strict=True)
            room.offer(Publication(room_id, rev, text) for rev, text in numbered)
            _ELSEWHERE.observe(max(time.time() - notification["at"], 0.0))
        for user_id, slug, seq in notification.get("reads", ()):
            self._read_marks.posted(Moved(user_id, room_id, slug, seq))

    def publish_ephemeral(self, room_id: int, event: Event, *, but_user: int) -> None:
        """Deliver an event without a number, which may be lost, to the room's sockets except those of `but_user`."""
        text = event.encode()
        if room := self._rooms.get(room_id):
            room.send_ephemeral(text, but_user=but_user)
        self._bus.notify_room(room_id, "room.live", text=text, but_user=but_user)

    def _receive_live(self, notification: Message) -> None:
        if room := self._rooms.get(notification["room"]):
            room.send_ephemeral(notification["text"], but_user=notification["but_user"])
