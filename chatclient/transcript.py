"""The state of rooms as their events tell it: for programs that keep messages, not only react to them."""

from dataclasses import dataclass, field

from chatclient.counts import Counts
from chatclient.events import (
    Authenticated,
    Cleared,
    Disconnected,
    Event,
    History,
    JoinedRoom,
    LeftRoom,
    Message,
    Read,
    Reloaded,
    RoomChanged,
    RoomEntry,
    Rooms,
)


@dataclass(slots=True)
class RoomTranscript:
    """One room: its facts, its messages by `seq`, and what is new in it."""

    title: str = ""
    topic: str = ""
    kind: str = ""
    archived: bool = False
    cleared_before: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

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

    def __init__(self, me: str = "") -> None:
        """`me`: the username whose messages are one's own, unless the transcript is given `Authenticated`."""
        self.rooms: dict[str, RoomTranscript] = {}
        self.me = me
        # Rooms whose counts this connection has told.
        self._counted: set[str] = set()

    def read(self, room: str, seq: int) -> None:
        """You have read up to `seq`, and told the server so on this connection, which does not say it again."""
        if (kept := self.rooms.get(room)) is not None:
            kept.counts.read(seq, self.me, kept.messages.values())

    def apply(self, event: Event) -> None:
        match event:
            case Authenticated():
                self.me = event.username
            case Disconnected():
                self._counted.clear()
            case Message():
                self._room(event.room).put(event)
                self._room(event.room).counts.told(event, self.me)
            case Cleared():
                self._room(event.room).clear(event.before_seq)
                self.read(event.room, event.before_seq - 1)
            case Read(unread=True):
                kept = self._room(event.room)
                kept.counts.unread_after(event.seq, self.me, kept.messages.values())
            case Read():
                self.read(event.room, event.seq)
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
                self._enter(event)
            case Rooms():
                for entry in event.rooms:
                    self._enter(entry)
            case LeftRoom():
                self.rooms.pop(event.room, None)
                self._counted.discard(event.room)

    def _enter(self, entry: RoomEntry | JoinedRoom) -> None:
        kept = self._room(entry.room)
        kept.describe(entry)
        kept.counts.listed(entry, self.me, kept.messages.values(), anew=entry.room not in self._counted)
        self._counted.add(entry.room)

    def _room(self, name: str) -> RoomTranscript:
        return self.rooms.setdefault(name, RoomTranscript())
