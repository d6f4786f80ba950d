"""Durable events of one room, in order, with no gaps or duplicates. No I/O: events come in, events go out.

All events up to `rev` were passed on. `rev` moves only when events are passed on, so a resume from it is correct at any
time, however often the connection breaks.
"""

from enum import Enum, auto

from msgspec.structs import replace

from chatclient.events import Durable, Event, History, Message, Reloaded, Resumed

# Live events held during a resume or a reload. Beyond this number, the rest is requested again.
HELD_EVENTS = 1000


class State(Enum):
    """The state of a room's stream."""

    AWAY = auto()  # no connection, or the room's numbers are not known yet
    LIVE = auto()  # events are passed on as they come
    BEHIND = auto()  # the reader is slow: events are dropped, and requested later
    RESUMING = auto()  # missed events are to be requested, or were requested
    RELOADING = auto()  # too much was missed: the pages of history are read instead


class RoomStream:
    """The stream of one room. `state` and `asked` say what the owner has to request."""

    def __init__(self, room: str, *, rev: int, seq: int, state: State = State.LIVE) -> None:
        self.room = room
        self.rev = rev
        self.seq = seq  # the highest `seq` that was passed on
        # The `seq` that were passed on: all up to `_seen_upto`, and those in `_seen`. They have no gaps, so the set is
        # empty unless a message was changed before this client had it.
        self._seen_upto = seq
        self._seen: set[int] = set()
        self.state = state
        self.asked = False
        self.anew = False  # reloading from nothing: earlier numbers are invalid
        self._reload = False  # a reload was started and not finished
        self._held: list[Durable] = []
        self._let_go = False  # some live events were not held: the resume must be repeated
        self._ahead: dict[int, int] = {}  # states that a page delivered before their event, by seq

    # Events of the connection

    def away(self) -> None:
        """The connection is lost."""
        self.state = State.AWAY
        self._unheld()

    def forget(self) -> None:
        """Another epoch: a backup was restored, and earlier numbers are invalid."""
        self.seq = self._seen_upto = 0
        self._seen.clear()
        self.anew = self._reload = True

    def found(self, *, rev: int) -> list[Event]:
        """Take the room's numbers from a new connection. Later ones are ignored: their events are on the way."""
        if self.state is not State.AWAY:
            return []
        if self._reload:
            self.rev = rev
            return self._begin_reload()
        self.state = State.LIVE if rev == self.rev else State.RESUMING
        return []

    def live(self, event: Durable) -> list[Event]:
        """Take a live event; returns what to pass on."""
        if self.state is State.LIVE:
            return self._pass(event)
        if self.state is not State.BEHIND:
            if len(self._held) < HELD_EVENTS:
                self._held.append(event)
            else:
                self._let_go = True
        return []

    def resumed(self, event: Resumed) -> list[Event]:
        """Take the answer to a resume; returns what to pass on."""
        if self.state is not State.RESUMING:
            return []
        if not event.complete:
            self.rev = max(self.rev, event.rev)
            return self._begin_reload()
        passed = [out for durable in event.messages for out in self._pass(durable)]
        self.rev = max(self.rev, event.rev)
        return passed + self._go_live()

    def page(self, page: History) -> list[Event]:
        """Take a page of history: the newest one if the room is reloaded from nothing (`anew`), otherwise the one
        after `seq`."""
        if self.state is not State.RELOADING:
            return []
        self.asked = False
        fresh = [message for message in page.messages if message.seq > self.seq]
        for message in fresh:
            self.seq = message.seq
            if message.rev > self.rev:
                self._ahead[message.seq] = message.rev
        if self.anew:
            self._seen_upto = max(self._seen_upto, self.seq)
            return [page, *self._loaded()]
        fresh = [self._marked(message) for message in fresh]
        # A page without new messages is the last, whatever `has_newer` is: otherwise requests would never end.
        return [*fresh, *([] if page.has_newer and fresh else self._loaded())]

    # Events of the reader

    def fall_behind(self) -> None:
        """The reader is slow: drop live events until `catch_up`."""
        if self.state is State.LIVE or (self.state is State.RESUMING and not self.asked):
            self.state = State.BEHIND
            self._unheld()

    def catch_up(self) -> None:
        """The reader has space again: request what was dropped."""
        if self.state is State.BEHIND:
            self.state = State.RESUMING
            self.asked = False
            # The first answer may end where this connection began.
            self._let_go = True

    def _pass(self, event: Durable) -> list[Event]:
        if event.rev <= self.rev:
            return []
        self.rev = event.rev
        if not isinstance(event, Message):
            return [event]
        self.seq = max(self.seq, event.seq)
        if self._ahead.get(event.seq, 0) >= event.rev:
            return []
        self._ahead.pop(event.seq, None)
        return [self._marked(event)]

    def _marked(self, message: Message) -> Message:
        """The message, marked `posted` the first time."""
        if message.seq <= self._seen_upto or message.seq in self._seen:
            return message
        self._seen.add(message.seq)
        while self._seen_upto + 1 in self._seen:
            self._seen_upto += 1
            self._seen.discard(self._seen_upto)
        return replace(message, posted=True)

    def _begin_reload(self) -> list[Event]:
        self.state = State.RELOADING
        self.asked = False
        self._reload = True
        self._ahead.clear()
        return [Reloaded(room=self.room, since_seq=self.seq)]

    def _loaded(self) -> list[Event]:
        self._reload = self.anew = False
        return self._go_live()

    def _go_live(self) -> list[Event]:
        self.state = State.LIVE
        passed = [out for durable in self._held for out in self._pass(durable)]
        if self._let_go:
            self.state = State.RESUMING
        self._unheld()
        return passed

    def _unheld(self) -> None:
        self.asked = False
        self._held = []
        self._let_go = False
