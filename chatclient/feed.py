"""The events for the reader: the streams of all rooms, and a bounded queue. No I/O.

When the reader is slow, live events are dropped instead of queued, and requested by number once there is space. So a
slow reader costs no memory, has no gap, and never delays acknowledgements.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatclient.events import (
    Durable,
    Event,
    History,
    LeftRoom,
    Message,
    Resumed,
)
from chatclient.frames import JSONObject
from chatclient.stream import RoomStream, State

# Rooms per resume: far below the frame limit even with slugs of 64 characters.
_RESUME_ROOMS = 100
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Position:
    """How far events were read, per room: enough to continue on another connection."""

    epoch: str | None
    rooms: dict[str, tuple[int, int]]  # room -> (rev, seq)

    def to_json(self) -> JSONObject:
        """The position as an object for `json.dumps`."""
        return {"epoch": self.epoch, "rooms": {room: list(numbers) for room, numbers in self.rooms.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Position":
        """The position from an object that `to_json` returned.

        Raises:
            ValueError: If it is anything else.
        """
        try:
            rooms = {str(room): (int(rev), int(seq)) for room, (rev, seq) in data["rooms"].items()}
            epoch = data["epoch"]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ValueError("This is no position.") from None
        return cls(None if epoch is None else str(epoch), rooms)


class Feed:
    """The events of all rooms in reading order."""

    def __init__(self, *, size: int, listen: bool, position: Position | None) -> None:
        self.paused = not listen
        self._listen = listen
        self._size = size
        self._events: deque[Event] = deque()
        self._epoch = position.epoch if position else None
        self._streams = {
            name: RoomStream(name, rev=rev, seq=seq, state=State.AWAY)
            for name, (rev, seq) in (position.rooms if position else {}).items()
        }
        # How far the reader has read, by room: behind the streams while events wait.
        self._read = dict(position.rooms) if position else {}

    @property
    def read_position(self) -> Position:
        """How far the reader has read."""
        return Position(self._epoch, dict(self._read))

    @property
    def position(self) -> Position:
        """How far events were passed on, read or not."""
        return Position(self._epoch, {name: (stream.rev, stream.seq) for name, stream in self._streams.items()})

    @property
    def rooms(self) -> set[str]:
        """The rooms with a stream."""
        return set(self._streams)

    def state(self, room: str) -> State:
        """The state of a room's stream."""
        return self._streams[room].state

    # The reader's side

    def next(self) -> Event | None:
        """The next event, or None."""
        event = self._events.popleft() if self._events else None
        self._note(event)
        if self.paused and self._listen and len(self._events) <= self._size // 2:
            self.paused = False
            for stream in self._streams.values():
                stream.catch_up()
        return event

    def put(self, *events: Event) -> None:
        """Queue events outside the order of a room. The queue is bounded, in case the reader never reads."""
        if self._listen and len(self._events) < 2 * self._size:
            self._events.extend(events)

    def put_passing(self, event: Event) -> None:
        """Queue an event that is worthless later, such as typing, if there is space."""
        if not self.paused:
            self.put(event)

    # The connection's side

    def away(self) -> None:
        """The connection is lost."""
        for stream in self._streams.values():
            stream.away()

    def authenticated(self, epoch: str) -> None:
        """A connection was established, in this epoch."""
        if self._epoch is not None and self._epoch != epoch:
            for stream in self._streams.values():
                stream.forget()
        self._epoch = epoch

    def found(self, room: str, *, rev: int, seq: int) -> None:
        """Take a room's numbers on this connection."""
        stream = self._streams.get(room)
        if stream is None:
            stream = self._streams[room] = RoomStream(room, rev=rev, seq=seq)
            self._read.setdefault(room, (rev, seq))
        self._put_ordered(stream, stream.found(rev=rev))

    def live(self, event: Durable) -> None:
        """Take a live event of a room."""
        stream = self._streams.get(event.room)
        if stream is None:
            stream = self._streams[event.room] = RoomStream(event.room, rev=event.rev - 1, seq=0)
        self._put_ordered(stream, stream.live(event))

    def resumed(self, event: Resumed) -> None:
        """Take the answer to a resume."""
        if (stream := self._streams.get(event.room)) is not None:
            self._put_ordered(stream, stream.resumed(event))

    def page(self, page: History, *, anew: bool) -> bool:
        """Take a page that may belong to a reload. Returns False if the room is not waiting for it."""
        stream = self._streams.get(page.room)
        if stream is None or stream.state is not State.RELOADING or stream.anew is not anew:
            return False
        self._put_ordered(stream, stream.page(page))
        return True

    def forget(self, room: str) -> None:
        """Drop a room."""
        self._streams.pop(room, None)

    def gone(self, room: str) -> None:
        """The room is no longer accessible, and the connection was away when that happened."""
        if self._streams.pop(room, None) is not None:
            self.put(LeftRoom(room=room, reason="gone"))

    def missing(self) -> list[tuple[JSONObject, list[str]]]:
        """The requests to send, and for which rooms; they count as sent."""
        if self.paused:
            return []
        questions: list[tuple[JSONObject, list[str]]] = []
        unasked = [stream for stream in self._streams.values() if not stream.asked]
        behind = [stream for stream in unasked if stream.state is State.RESUMING]
        for start in range(0, len(behind), _RESUME_ROOMS):
            numbers = {stream.room: stream.rev for stream in behind[start : start + _RESUME_ROOMS]}
            questions.append(({"type": "resume", "epoch": self._epoch, "rooms": numbers}, list(numbers)))
        reloading = [stream for stream in unasked if stream.state is State.RELOADING]
        for stream in reloading:
            page: JSONObject = {"type": "history", "room": stream.room, "limit": _PAGE, "all": True}
            questions.append((page if stream.anew else {**page, "after": stream.seq}, [stream.room]))
        for stream in [*behind, *reloading]:
            stream.asked = True
        return questions

    @property
    def misses_something(self) -> bool:
        """Whether there is something to request."""
        wanted = (State.RESUMING, State.RELOADING)
        return not self.paused and any(not s.asked and s.state in wanted for s in self._streams.values())

    def _note(self, event: Event | None) -> None:
        if not self._events:
            if self._read.keys() != self._streams.keys() or event is not None:
                self._read = self.position.rooms
        elif isinstance(event, Durable):
            rev, seq = self._read.get(event.room, (0, 0))
            seq = max(seq, event.seq) if isinstance(event, Message) else seq
            self._read[event.room] = (max(rev, min(event.rev, self._streams[event.room].rev)), seq)

    def _put_ordered(self, stream: RoomStream, events: list[Event]) -> None:
        if self._listen:
            self._events.extend(events)
        if self.paused:
            stream.fall_behind()
        elif len(self._events) >= self._size:
            self.paused = True
            for each in self._streams.values():
                each.fall_behind()
