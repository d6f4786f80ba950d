"""The state of rooms as their events tell it: for programs that keep messages, not only react to them."""

from dataclasses import dataclass, field

from chatclient.events import (
    Cleared,
    Event,
    History,
    JoinedRoom,
    LeftRoom,
    Message,
    Reloaded,
    RoomChanged,
    RoomEntry,
    Rooms,
)


@dataclass(slots=True)
class RoomTranscript:
    """One room: its facts, and its messages by `seq`."""

    title: str = ""
    topic: str = ""
    kind: str = ""
    archived: bool = False
    cleared_before: int = 0
    messages: dict[int, Message] = field(default_factory=dict)

    def put(self, message: Message) -> None:
        """Put a state in its place, unless it is out of date or was cleared away."""
        known = self.messages.get(message.seq)
        if message.seq >= self.cleared_before and (known is None or known.rev < message.rev):
            self.messages[message.seq] = message

    def clear(self, before_seq: int) -> None:
        self.cleared_before = max(self.cleared_before, before_seq)
        self.messages = {seq: message for seq, message in self.messages.items() if seq >= self.cleared_before}

    def describe(self, facts: RoomChanged | RoomEntry | JoinedRoom) -> None:
        self.title, self.topic, self.kind = facts.title, facts.topic, facts.kind

    @property
    def in_order(self) -> list[Message]:
        return [self.messages[seq] for seq in sorted(self.messages)]


class Transcript:
    """All rooms. Give it every event of a client, and every page of history that was asked for."""

    def __init__(self) -> None:
        self.rooms: dict[str, RoomTranscript] = {}

    def apply(self, event: Event) -> None:
        match event:
            case Message():
                self._room(event.room).put(event)
            case Cleared():
                self._room(event.room).clear(event.before_seq)
            case RoomChanged():
                self._room(event.room).describe(event)
                self._room(event.room).archived = event.archived
            case History():
                for message in event.messages:
                    self._room(event.room).put(message)
            case Reloaded():
                # What is kept may have changed unseen.
                self._room(event.room).messages.clear()
                if event.since_seq == 0:
                    self._room(event.room).cleared_before = 0
            case JoinedRoom():
                self._room(event.room).describe(event)
            case Rooms():
                for entry in event.rooms:
                    self._room(entry.room).describe(entry)
            case LeftRoom():
                self.rooms.pop(event.room, None)

    def _room(self, name: str) -> RoomTranscript:
        return self.rooms.setdefault(name, RoomTranscript())
