"""One room's durable events, in order, without hole or double. No I/O: events come in, events go out.

`rev` is the promise: everything up to it was passed on. It moves only with what is passed on, so that a resume from it
is right at any moment, however often the connection breaks.
"""

from dataclasses import replace
from enum import Enum, auto

from chatclient.events import Durable, Event, History, Message, Reloaded, Resumed

# Live events held back while a resume or a reload is on its way. With more, the rest is asked for by number again.
HELD_EVENTS = 1000


class State(Enum):
    AWAY = auto()  # no connection, or it has not said yet where the room stands
    LIVE = auto()  # events are passed on as they come
    BEHIND = auto()  # the reader does not keep up: events are let go, and made up for later
    RESUMING = auto()  # what was missed is to be asked for, or asked for
    RELOADING = auto()  # too much was missed: the pages of history are read instead


class RoomStream:
    """Where one room stands. The owner asks `state` and `asked` what to ask the server for."""

    def __init__(self, room: str, *, rev: int, seq: int, state: State = State.LIVE) -> None:
        self.room = room
        self.rev = rev
        self.seq = seq  # the highest place that was passed on
        # Places that were passed on: all up to the first number, and those of the set. Places have no holes, so the
        # set is empty unless a message was changed before this client had it.
        self._seen_upto = seq
        self._seen: set[int] = set()
        self.state = state
        self.asked = False
        self.anew = False  # reloading from nothing: numbers from before mean nothing
        self._reload = False  # a reload was begun and not finished
        self._held: list[Durable] = []
        self._let_go = False  # some live events were not held: the resume must be asked again
        self._ahead: dict[int, int] = {}  # states that a page brought before their event came, by seq

    # What the connection says about the room

    def away(self) -> None:
        """The connection is lost."""
        self.state = State.AWAY
        self._unheld()

    def forget(self) -> None:
        """Another epoch: a backup was restored, and the numbers from before mean nothing."""
        self.seq = self._seen_upto = 0
        self._seen.clear()
        self.anew = self._reload = True

    def found(self, *, rev: int) -> list[Event]:
        """A new connection says where the room stands. What it says later is not news: events are on their way."""
        if self.state is not State.AWAY:
            return []
        if self._reload:
            self.rev = rev
            return self._begin_reload()
        self.state = State.LIVE if rev == self.rev else State.RESUMING
        return []

    def live(self, event: Durable) -> list[Event]:
        if self.state is State.LIVE:
            return self._pass(event)
        if self.state is not State.BEHIND:
            if len(self._held) < HELD_EVENTS:
                self._held.append(event)
            else:
                self._let_go = True
        return []

    def resumed(self, event: Resumed) -> list[Event]:
        if self.state is not State.RESUMING:
            return []
        if not event.complete:
            self.rev = max(self.rev, event.rev)
            return self._begin_reload()
        passed = [out for durable in event.messages for out in self._pass(durable)]
        self.rev = max(self.rev, event.rev)
        return passed + self._go_live()

    def page(self, page: History) -> list[Event]:
        """A page of history: the newest one if the room is read `anew`, otherwise the one after `seq`."""
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
        # A page without anything new is the last one, whatever it says: asking on would not end.
        return [*fresh, *([] if page.has_newer and fresh else self._loaded())]

    # What the reader says

    def fall_behind(self) -> None:
        """The reader does not keep up: let live events go until `catch_up`."""
        if self.state is State.LIVE or (self.state is State.RESUMING and not self.asked):
            self.state = State.BEHIND
            self._unheld()

    def catch_up(self) -> None:
        if self.state is State.BEHIND:
            self.state = State.RESUMING
            self.asked = False
            # The first answer may reach no further than to where this connection began.
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
        """The message, `posted` the first time."""
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
