"""How a change takes its number in a room, and how it is published to sockets: always after the commit."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.dispatch import Signal

from chat.models import Room
from chat.protocol import events

# Sent after the commit, in the thread that committed, with `committed_at` (seconds, `time.time`),
# `changes: list[Publication]`, and `moved: Sequence[Moved]`, the authors' read marks.
rooms_changed = Signal()
# Sent the same way, with `moved: list[Moved]`.
marks_moved = Signal()
# Sent the same way, with `changed: list[ThreadChange]`.
threads_changed = Signal()
# Sent the same way, with `room_id`, `user_id`, and `reason`, `why` and `until` of `left_room`.
member_left = Signal()
# Sent the same way, with `announcement`, the event for all connected people.
announced = Signal()
# Sent the same way, with `user_id`, `text` (an encoded event), and `but`, the id of a socket to leave out, or "".
person_told = Signal()

# Sent the same way, without arguments: a push device was registered, or must get a test.
pushes_wanted = Signal()


# Named tuples: each message creates one of both, and creating a frozen dataclass takes three times as long.
class Publication(NamedTuple):
    """A durable event of a room, encoded once for all sockets."""

    room_id: int
    rev: int
    text: str


class Moved(NamedTuple):
    """A read mark that moved to `seq`; with `unread`, back to before a message marked as unread."""

    user_id: int
    room_id: int
    room: str
    seq: int
    unread: bool = False
    # There are messages after the mark: a query must count the unread ones.
    more: bool = False
    # The id of the socket that moved the mark and needs no event.
    socket: str = ""


@dataclass(frozen=True, slots=True)
class ThreadChange:
    """A change of the unread state in a thread: for one person, or for all followers (`user_id` None)."""

    room_id: int
    # The root's `seq`.
    thread: int
    user_id: int | None = None


def take_rev(room: Room) -> int:
    """The next `rev` of the room. The caller holds the row's lock and saves `last_rev`."""
    room.last_rev += 1
    return room.last_rev


def publish(changed: Iterable[tuple[Room, events.Durable]], moved: Sequence[Moved] = ()) -> None:
    """Publish these events, and the read marks that moved with them, after the running transaction's commit."""
    publish_encoded([publication_of(room, event) for room, event in changed], moved)


def publication_of(room: Room, event: events.Durable) -> Publication:
    """The event in its published form."""
    return Publication(room.pk, event.rev, event.encode())


def publish_encoded(changes: list[Publication], moved: Sequence[Moved] = ()) -> None:
    """Like `publish`, for events that are encoded already."""
    if changes:
        transaction.on_commit(partial(_send_changes, changes, moved))


def _send_changes(changes: list[Publication], moved: Sequence[Moved]) -> None:
    # Robust: the change is committed, so a receiver's error must not look like a failed change.
    rooms_changed.send_robust(sender=None, committed_at=time.time(), changes=changes, moved=moved)


def publish_marks(moved: list[Moved]) -> None:
    """Publish these read marks after the commit of the running transaction."""
    if moved:
        transaction.on_commit(partial(marks_moved.send_robust, sender=None, moved=moved))


def publish_threads(changed: list[ThreadChange]) -> None:
    """Publish these changes of threads after the commit of the running transaction."""
    if changed:
        transaction.on_commit(partial(threads_changed.send_robust, sender=None, changed=changed))


def announce(announcement: events.Event) -> None:
    """Send this event to all connected people, after the commit of the running transaction."""
    transaction.on_commit(partial(announced.send_robust, sender=None, announcement=announcement))


def pushes_want() -> None:
    """Have the pending pushes checked, after the commit of the running transaction."""
    transaction.on_commit(partial(pushes_wanted.send_robust, sender=None))


def tell_person(user_id: int, event: events.Event, *, but: str = "") -> None:
    """Send this event to the person's sockets except `but`, after the commit of the running transaction."""
    told = partial(person_told.send_robust, sender=None, user_id=user_id, text=event.encode(), but=but)
    transaction.on_commit(told)


def publish_departure(*, room: Room, user_id: int, reason: str, why: str = "", until: datetime | None = None) -> None:
    """Publish that a person is no longer in this room, and why, after the commit of the running transaction."""
    facts = {"reason": reason, "why": why, "until": events.stamp(until) if until else None}
    transaction.on_commit(partial(member_left.send_robust, sender=None, room_id=room.pk, user_id=user_id, **facts))
