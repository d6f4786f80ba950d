"""Unread counts of one room: the server's counts at a `rev`, and the changes since.

They count messages by other people after the read mark that the room shows, without deleted messages and system lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chatclient.events import JoinedRoom, Message, RoomEntry

# Number of messages whose changes since the server's counts are remembered.
LATER_MAX = 2_000
# Names in `mentions` that stand for many people: all members, and those who are connected.
CALLS = frozenset({"room", "here"})


@dataclass(slots=True)
class Counts:
    """`unread`: messages after `read_seq`; `mentions`: how many of them mention this person."""

    read_seq: int = 0
    unread: int = 0
    # The mentions that are known by `seq`; `_unlisted` is the number of older ones.
    mentioned: set[int] = field(default_factory=set)
    _unlisted: int = 0
    _listed_from: int = 1
    # The `rev` and `seq` of the room when the server counted.
    _rev: int = 0
    _seq: int = 0
    # The highest known `seq`.
    _last: int = 0
    # Messages that changed after `_rev`, by `seq`: whether they count now.
    _later: dict[int, tuple[Message, bool]] = field(default_factory=dict)

    @property
    def mentions(self) -> int:
        """The number of unread messages that mention this person."""
        return self._unlisted + len(self.mentioned)

    def listed(self, entry: RoomEntry | JoinedRoom, me: str, held: Iterable[Message], *, anew: bool) -> None:
        """Take the server's counts. `anew`: they are from a new connection; otherwise they may be older than the local
        state."""
        if entry.unread is None:
            return
        read, later = self.read_seq, self._later
        self.read_seq, self.unread = entry.read_seq, entry.unread
        self.mentioned = set(entry.mentioned)
        self._unlisted = max((entry.mentions or 0) - len(entry.mentioned), 0)
        self._listed_from = min(entry.mentioned, default=entry.seq + 1)
        self._rev, self._seq, self._later = entry.rev, entry.seq, {}
        self._last = max(self._last, entry.seq)
        if anew:
            return
        for message, _ in later.values():
            if message.rev > entry.rev and message.seq > entry.read_seq:
                self._count(message, me)
        self.read(read, me, held)

    def changed(self, message: Message, me: str) -> None:
        """Take a state of a message; states may arrive in any order."""
        known = self._later.get(message.seq)
        if message.rev <= (known[0].rev if known else self._rev):
            return
        is_new, self._last = message.seq > self._last, max(self._last, message.seq)
        if message.username == me:
            # One's own new message that the room shows: everything before it is read.
            if is_new and message.in_room and message.kind == "text" and not message.was_system:
                self.read(message.seq, me, [])
        elif message.seq > self.read_seq:
            self._count(message, me)

    def read(self, seq: int, me: str, held: Iterable[Message]) -> None:
        """Everything up to `seq` is read; `held`: the known states of the room."""
        seq = min(seq, self._last)
        if seq <= self.read_seq:
            return
        before, self.read_seq = self.read_seq, seq
        states = list(held)
        after = [state for state in states if seq < state.seq <= self._last]
        if len(after) == self._last - seq:
            self.unread = sum(_counts(state, me) for state in after)
        else:
            gone = sum(_counts(state, me) for state in states if before < state.seq <= seq)
            self.unread = min(max(self.unread - gone, 0), self._last - seq)
        self.mentioned = {place for place in self.mentioned if place > seq}
        if seq + 1 >= self._listed_from:
            self._unlisted = 0
        self._later = {place: one for place, one in self._later.items() if place > seq}

    def unread_after(self, seq: int, me: str, held: Iterable[Message]) -> None:
        """The messages after `seq` were marked unread; the server's counts follow."""
        if seq > self.read_seq:
            self.read(seq, me, held)
            return
        again = [state for state in held if seq < state.seq <= self.read_seq]
        counted = [state for state in again if _counts(state, me)]
        all_held = len(again) == self.read_seq - seq
        self.unread = self.unread + len(counted) if all_held else max(self._last - seq, 0)
        self.mentioned |= {state.seq for state in counted if _names(state, me)}
        self.read_seq = seq

    def _count(self, message: Message, me: str) -> None:
        known = self._later.get(message.seq)
        counts = _counts(message, me)
        # The server counts messages of others; a deletion arrives once, and says whether the message was a system line.
        was_line = message.kind != "text" or message.was_system
        did = known[1] if known else message.seq <= self._seq and message.in_room and not was_line
        self._later[message.seq] = (message, counts)
        if len(self._later) > LATER_MAX:
            del self._later[next(iter(self._later))]
        self.unread = max(self.unread + counts - did, 0)
        # Whether one of the unlisted messages mentions this person is unknown.
        if known or not self._unlisted or message.seq >= self._listed_from:
            (self.mentioned.add if counts and _names(message, me) else self.mentioned.discard)(message.seq)


def _counts(message: Message, me: str) -> bool:
    return message.in_room and message.username != me and message.kind == "text" and not message.deleted


def _names(message: Message, me: str) -> bool:
    """Whether the message mentions this person, by name or as one of many."""
    return not CALLS.isdisjoint(message.mentions) or me in message.mentions
