"""The stream against a model of the database: whichever notifications are lost, doubled or shuffled, and whenever gaps
are read, each listener ends with the database's state, in the order of `rev`, nothing twice."""

from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.live import room_stream as stream_module
from chat.live.room_stream import GAP_PATIENCE_SECONDS, RoomStream
from chat.services.publishing import Publication

ROOM = 7

# Small, so that a short run reaches both bounds.
RING, AHEAD = 5, 3


@dataclass
class Table:
    """A room in the database: the last state of each message by seq, as (rev, text), and the last clearing."""

    head: int = 0
    states: dict[int, Publication] = field(default_factory=dict)
    cleared_before: int = 1
    cleared: Publication | None = None

    def post(self) -> Publication:
        return self._change(len(self.states) + 1)

    def edit(self, seq: int) -> Publication:
        return self._change(seq)

    def clear(self) -> Publication:
        self.head += 1
        self.cleared_before = len(self.states) + 1
        self.cleared = Publication(ROOM, self.head, f"cleared {self.cleared_before}")
        return self.cleared

    def shown(self) -> dict[int, Publication]:
        return {seq: event for seq, event in self.states.items() if seq >= self.cleared_before}

    def copy(self) -> "Table":
        return Table(self.head, dict(self.states), self.cleared_before, self.cleared)

    def changes(self, room: "Table", rev: int, limit: int) -> tuple[list[Publication], int]:
        """Like `changes_after`: the current messages, for a room whose row was read earlier as `room`."""
        rows = sorted(
            (
                event
                for seq, event in self.states.items()
                if rev < event.rev <= room.head and seq >= room.cleared_before
            ),
            key=lambda event: event.rev,
        )
        upto = room.head
        if len(rows) > limit:
            rows = rows[:limit]
            upto = rows[-1].rev
        if room.cleared and rev < room.cleared.rev <= upto:
            rows.append(room.cleared)
        return sorted(rows, key=lambda event: event.rev), upto

    def _change(self, seq: int) -> Publication:
        self.head += 1
        self.states[seq] = Publication(ROOM, self.head, f"message {seq}")
        return self.states[seq]


class Listener:
    """A socket: its snapshot, and the events sent to it since."""

    def __init__(self, snapshot: Table) -> None:
        self.began_at = snapshot.head
        self.shown = snapshot.shown()
        self.told: list[Publication] = []

    def tell(self, events: list[Publication]) -> None:
        for event in events:
            last = self.told[-1].rev if self.told else self.began_at
            assert event.rev > last, "passed on twice, or out of order"
            self.told.append(event)
            kind, number = event.text.split()
            if kind == "message":
                self.shown[int(number)] = event
            else:
                self.shown = {seq: state for seq, state in self.shown.items() if seq >= int(number)}


@dataclass
class Reading:
    """A read of a gap in progress: the room's row first, the messages later, delivery to the stream last."""

    room: Table
    position: int
    limit: int
    found: tuple[list[Publication], int] | None = None


class World:
    """A database, the stream of one of its rooms, and everything that can happen between them, one step at a time."""

    def __init__(self, before: int) -> None:
        self.table = Table()
        for _ in range(before):
            self.table.post()
        self.stream = RoomStream(self.table.head)
        self.listeners = [Listener(self.table)]
        self.snapshots: list[Table] = []
        self.hints: list[Publication] = []
        self.reading: Reading | None = None
        self.now = 0.0

    def step(self, name: str, dice: Random) -> None:
        getattr(self, name)(dice)
        self.check()

    # --- Events in the database, here or on another process ---------------------------------------------

    def post(self, dice: Random) -> None:
        self.commit(self.table.post(), dice)

    def edit(self, dice: Random) -> None:
        if shown := sorted(self.table.shown()):
            self.commit(self.table.edit(dice.choice(shown)), dice)

    def clear(self, dice: Random) -> None:
        self.commit(self.table.clear(), dice)

    def commit(self, event: Publication, dice: Random) -> None:
        self.hints.append(event)
        if dice.random() < 0.3:
            self.tell(self.stream.offer([event], self.now))

    # --- Events in the channel layer -------------------------------------------------------------------

    def hint(self, dice: Random) -> None:
        if not self.hints:
            return
        batch = dice.choices(self.hints, k=dice.randint(1, 6))
        if dice.random() < 0.8:
            self.hints = [event for event in self.hints if event not in batch]
        self.tell(self.stream.offer(batch, self.now))

    def lose(self, dice: Random) -> None:
        self.hints = [event for event in self.hints if dice.random() < 0.5]

    # --- Events in the process ---------------------------------------------------------------------------

    def wait(self, dice: Random) -> None:
        self.now += dice.choice([0.001, GAP_PATIENCE_SECONDS, 1.0])

    def sweep(self, dice: Random) -> None:
        self.stream.advance_head(self.table.head, self.now)

    def read(self, dice: Random) -> None:
        if self.reading is None:
            self.reading = Reading(self.table.copy(), self.stream.position, dice.randint(1, 4))
        elif self.reading.found is None:
            self.reading.found = self.table.changes(self.reading.room, self.reading.position, self.reading.limit)
        else:
            events, upto = self.reading.found
            self.tell(self.stream.recover(events, upto, self.reading.room.head, self.now))
            self.reading = None

    def snapshot(self, dice: Random) -> None:
        self.snapshots.append(self.table.copy())

    def attach(self, dice: Random) -> None:
        # The other snapshots wait until the stream reaches their rev.
        reached = [snapshot for snapshot in self.snapshots if snapshot.head <= self.stream.position]
        if not reached:
            return
        snapshot = dice.choice(reached)
        self.snapshots.remove(snapshot)
        if (events := self.stream.since(snapshot.head)) is not None:
            self.listeners.append(Listener(snapshot))
            self.listeners[-1].tell(events)

    def tell(self, events: list[Publication]) -> None:
        for listener in self.listeners:
            listener.tell(events)

    # --- Invariants --------------------------------------------------------------------------------------

    def check(self) -> None:
        """Every listener holds the room's state at the stream's position, and a known gap is scheduled for recovery."""
        due = {seq: event for seq, event in self.table.shown().items() if event.rev <= self.stream.position}
        for listener in self.listeners:
            assert {seq: listener.shown.get(seq) for seq in due} == due
        assert self.stream.behind == (self.stream.recover_at is not None)
        assert self.stream.position <= self.stream.head <= self.table.head

    def settle(self) -> None:
        """After one sweep and some reads, every listener has what the database has."""
        self.stream.advance_head(self.table.head, self.now)
        while self.stream.behind:
            before = self.stream.position
            events, upto = self.table.changes(self.table, before, 2)
            self.tell(self.stream.recover(events, upto, self.table.head, self.now))
            assert self.stream.position > before
        for listener in self.listeners:
            assert listener.shown == self.table.shown()


# Repeated names set how often each step is chosen.
STEPS = (
    *("post", "post", "post", "edit", "edit", "edit", "clear"),
    *("hint", "hint", "hint", "hint", "lose", "wait", "sweep"),
    *("read", "read", "read", "read", "snapshot", "snapshot", "attach", "attach"),
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    before=st.integers(0, 4),
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2**32)), min_size=40, max_size=120),
)
def test_every_listener_ends_with_the_databases_state(before: int, steps: list[tuple[str, int]]) -> None:
    world = World(before)
    for name, seed in steps:
        world.step(name, Random(seed))
    world.settle()


@pytest.fixture(autouse=True, scope="module")
def _small_bounds() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_module, "RECENT_EVENTS", RING)
        patch.setattr(stream_module, "PENDING_EVENTS", AHEAD)
        yield


def events(*revs: int) -> list[Publication]:
    return [Publication(ROOM, rev, f"message {rev}") for rev in revs]


def revs(told: list[Publication]) -> list[int]:
    return [event.rev for event in told]


def test_what_comes_in_order_is_passed_on_at_once() -> None:
    feed = RoomStream(7)
    assert revs(feed.offer(events(8, 9), 0)) == [8, 9]
    assert (feed.position, feed.behind, feed.recover_at) == (9, False, None)


def test_what_is_ahead_waits_for_the_hole_to_close() -> None:
    feed = RoomStream(0)
    assert feed.offer(events(2, 3), 10.0) == []
    assert feed.recover_at == 10.0 + GAP_PATIENCE_SECONDS
    assert revs(feed.offer(events(1), 10.01)) == [1, 2, 3]
    assert feed.recover_at is None


def test_a_second_hole_gets_its_own_patience() -> None:
    feed = RoomStream(0)
    feed.offer(events(2, 4), 10.0)
    assert revs(feed.offer(events(1), 10.04)) == [1, 2]
    assert feed.recover_at == 10.04 + GAP_PATIENCE_SECONDS


def test_waiting_does_not_start_anew_with_each_hint() -> None:
    feed = RoomStream(0)
    feed.offer(events(2), 10.0)
    feed.offer(events(3), 10.04)
    assert feed.recover_at == 10.0 + GAP_PATIENCE_SECONDS


def test_a_number_that_was_superseded_is_passed_over() -> None:
    feed = RoomStream(0)
    feed.offer(events(3), 0)
    assert revs(feed.recover(events(2), upto=2, head=3, now=1)) == [2, 3]
    assert feed.position == 3


def test_a_number_whose_message_was_removed_is_not_read_again_and_again() -> None:
    feed = RoomStream(0)
    feed.advance_head(2, 0)
    assert revs(feed.recover(events(1), upto=2, head=2, now=1)) == [1]
    assert (feed.position, feed.behind, feed.recover_at) == (2, False, None)


def test_a_read_in_part_leaves_the_rest_to_be_read() -> None:
    feed = RoomStream(0)
    feed.advance_head(9, 0)
    assert revs(feed.recover(events(1, 2), upto=2, head=9, now=1)) == [1, 2]
    assert feed.behind
    assert feed.recover_at == 1 + GAP_PATIENCE_SECONDS
    assert revs(feed.recover(events(9), upto=9, head=9, now=1)) == [9]
    assert not feed.behind


def test_the_ring_knows_how_far_back_it_reaches() -> None:
    feed = RoomStream(10)
    assert feed.since(9) is None
    assert feed.since(10) == []
    feed.offer(events(*range(11, 11 + RING + 2)), 0)
    assert feed.since(11) is None
    assert revs(feed.since(12) or []) == [13, 14, 15, 16, 17]
    assert revs(feed.since(16) or []) == [17]
    assert feed.since(17) == []


def test_what_waits_behind_a_hole_is_bounded_and_read_instead() -> None:
    feed = RoomStream(0)
    feed.offer(events(*range(2, 10)), 0)
    assert revs(feed.offer(events(1), 0)) == [1, 2, 3, 4]
    assert (feed.head, feed.behind) == (9, True)


@pytest.mark.parametrize("read", [False, True])
def test_what_was_passed_on_takes_no_place_of_what_waits(read: bool) -> None:
    feed = RoomStream(0)
    if read:
        feed.offer(events(2, 3, 4), 0)
        feed.recover(events(1, 2, 3, 4), upto=4, head=4, now=1)
    else:
        feed.offer(events(1, 2, 3, 4), 0)
        feed.offer(events(4, 3, 2), 0)
    assert feed.offer(events(6, 7, 8), 2) == []
    assert revs(feed.offer(events(5), 2)) == [5, 6, 7, 8]
