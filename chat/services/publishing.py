"""How a change of a room gets its number, and how the live side hears of it: after the commit, never before."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.dispatch import Signal

from chat.models import Room
from chat.protocol import events

# Sent after the commit, in the thread that committed, with `committed_at` (seconds, `time.time`),
# `changes: list[Publication]`, and `moved: Sequence[Moved]` of their authors.
rooms_changed = Signal()
# Sent likewise, with `moved: list[Moved]`.
marks_moved = Signal()
# Sent likewise, with `room_id`, `user_id`, and `reason`, `why` and `until` of `left_room`.
member_left = Signal()
# Sent likewise, with `announcement`, the event for everybody.
announced = Signal()


@dataclass(frozen=True, slots=True)
class Publication:
    """One durable event, encoded once for every socket it will ever go to."""

    room_id: int
    rev: int
    text: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A person has read up to `seq`; or, `unread`, marked what follows unread."""

    user_id: int
    room_id: int
    room: str
    seq: int
    unread: bool = False
    # There is more behind it: the mark alone does not tell how much of that counts.
    more: bool = False
    # The id of the socket that moved it, and knows.
    socket: str = ""


def take_rev(room: Room) -> int:
    """The room's next number. The caller holds the row's lock, and saves `last_rev`."""
    room.last_rev += 1
    return room.last_rev


def publish(told: Iterable[tuple[Room, events.Durable]], moved: Sequence[Moved] = ()) -> None:
    """Tell the live side of these events, and of the reading marks they moved, once the running transaction has
    committed."""
    changes = [Publication(room.pk, event.rev, event.encode()) for room, event in told]
    if changes:
        transaction.on_commit(partial(_send_changes, changes, moved))


def _send_changes(changes: list[Publication], moved: Sequence[Moved]) -> None:
    # Robust: the change is committed, a listener's trouble must not look like its failure.
    rooms_changed.send_robust(sender=None, committed_at=time.time(), changes=changes, moved=moved)


def tell_moved(moved: list[Moved]) -> None:
    """Tell the live side of these reading marks once the running transaction has committed."""
    if moved:
        transaction.on_commit(partial(marks_moved.send_robust, sender=None, moved=moved))


def announce(announcement: events.Announcement) -> None:
    """Tell everybody who is connected, once the running transaction has committed."""
    transaction.on_commit(partial(announced.send_robust, sender=None, announcement=announcement))


def tell_left(*, room: Room, user_id: int, reason: str, why: str = "", until: datetime | None = None) -> None:
    """Tell the live side, once the running transaction has committed, why a person's sockets lose this room."""
    facts = {"reason": reason, "why": why, "until": events.stamp(until) if until else None}
    transaction.on_commit(partial(member_left.send_robust, sender=None, room_id=room.pk, user_id=user_id, **facts))
