"""The state of rooms from their events: for programs that keep messages."""

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
    Thread,
    Threads,
)


@dataclass(slots=True)
class RoomTranscript:
    """One room: its facts, its messages by `seq`, and its unread counts."""

    title: str = ""
    topic: str = ""
    kind: str = ""
    archived: bool = False
    cleared_before: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    # Your state in threads, as the server last sent it, by the `seq` of the root.
    threads: dict[int, Thread] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    def put(self, message: Message) -> None:
        """Store a state, unless it is older than the known one or was cleared."""
        known = self.messages.get(message.seq)
        if message.seq >= self.cleared_before and (known is None or known.rev < message.rev):
            self.messages[message.seq] = message

    def clear(self, before_seq: int) -> None:
        """Drop the messages before this `seq`."""
        self.cleared_before = max(self.cleared_before, before_seq)
        self.messages = {seq: message for seq, message in self.messages.items() if seq >= self.cleared_before}
        self.threads = {seq: part for seq, part in self.threads.items() if seq >= self.cleared_before}

    def describe(self, facts: RoomChanged | RoomEntry | JoinedRoom) -> None:
        """Store title, topic and kind."""
        self.title, self.topic, self.kind = facts.title, facts.topic, facts.kind

    @property
    def in_order(self) -> list[Message]:
        """The messages that the room shows, in `seq` order."""
        return [self.messages[seq] for seq in sorted(self.messages) if self.messages[seq].in_room]

    def replies(self, thread: int) -> list[Message]:
        """The replies of a thread that are kept, in `seq` order."""
        return [self.messages[seq] for seq in sorted(self.messages) if self.messages[seq].thread == thread]


class Transcript:
    """All rooms. Pass it every event of a client, and every page of history that was requested."""

    def __init__(self, me: str = "") -> None:
        """`me`: your username, unless the transcript gets the `Authenticated` event."""
        self.rooms: dict[str, RoomTranscript] = {}
        self.me = me
        # Rooms whose counts this connection has sent.
        self._counted: set[str] = set()

    def read(self, room: str, seq: int) -> None:
        """Record that you read up to `seq`, and sent that on this connection: the server does not echo it."""
        if (kept := self.rooms.get(room)) is not None:
            kept.counts.read(seq, self.me, kept.messages.values())

    def apply(self, event: Event) -> None:
        """Process an event."""
        match event:
            case Authenticated():
                self.me = event.username
            case Disconnected():
                self._counted.clear()
                # Changes of threads have no numbers: request `threads` again.
                for kept in self.rooms.values():
                    kept.threads.clear()
            case Message():
                self._room(event.room).put(event)
                self._room(event.room).counts.changed(event, self.me)
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
            case Thread():
                self._room(event.room).threads[event.thread] = event
            case Threads():
                for part in event.threads:
                    names = ("room", "thread", "read_seq", "unread", "mentions", "hidden_mentions", "following")
                    known = Thread(**{name: getattr(part, name) for name in names})
                    self._room(part.room).threads[part.thread] = known
            case Reloaded():
                # Stored messages may have changed meanwhile.
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
