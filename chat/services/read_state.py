"""Read marks and typing marks of memberships, many in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from chat.models import Membership, Participant
from chat.services.publishing import Moved, publish_marks

# A client hides a typing sign after 6 s; this stored time is for those who join meanwhile.
TYPING_SECONDS = 6
# Marks of one statement.
STEP = 500


@dataclass(frozen=True, slots=True)
class ReadMark:
    """The person has read up to `seq`."""

    user_id: int
    room_id: int
    seq: int
    socket: str = ""


@dataclass(frozen=True, slots=True)
class UnreadMark:
    """The person marked the message `seq`, and those after it, as unread."""

    user_id: int
    room_id: int
    seq: int
    socket: str = ""


@dataclass(frozen=True, slots=True)
class TypingMark:
    """The person started or stopped typing."""

    user_id: int
    room_id: int
    is_typing: bool


Mark = ReadMark | UnreadMark | TypingMark


def marks_save(marks: Sequence[Mark]) -> list[int | None]:
    """Write the marks, in their order; returns for each the `seq` to which its read mark moved, or None.

    A read mark only moves forward, and never beyond the last message; only an `UnreadMark` moves it back.
    """
    with transaction.atomic():
        rows = _memberships(marks)
        news = [_apply(mark, rows.get((mark.user_id, mark.room_id))) for mark in marks]
        Membership.objects.bulk_update(rows.values(), ["read_seq", "back_from_seq", "typing_until"])
        publish_marks(
            [
                _moved(mark, rows[mark.user_id, mark.room_id], seq)
                for mark, seq in zip(marks, news, strict=True)
                if seq is not None and not isinstance(mark, TypingMark)
            ]
        )
    return news


def rooms_read(*, user: Participant) -> int:
    """Mark all rooms of a person as read, to their last messages; returns how many were not. Their marks are sent to
    the person's sockets. One transaction, and a statement for each STEP of them."""
    with transaction.atomic():
        behind = Membership.objects.filter(user=user, read_seq__lt=F("room__last_seq")).select_related("room")
        rows = list(behind.order_by("id").select_for_update(of=("self",), no_key=True))
        for row in rows:
            row.read_seq = row.room.last_seq
        Membership.objects.bulk_update(rows, ["read_seq"], batch_size=STEP)
        publish_marks([Moved(user.pk, row.room_id, row.room.slug, row.read_seq) for row in rows])
    return len(rows)


def _moved(mark: ReadMark | UnreadMark, membership: Membership, seq: int) -> Moved:
    room = membership.room
    return Moved(
        mark.user_id,
        room.pk,
        room.slug,
        seq,
        unread=isinstance(mark, UnreadMark),
        more=seq < room.last_seq,
        socket=mark.socket,
    )


def _memberships(marks: Sequence[Mark]) -> dict[tuple[int, int], Membership]:
    """The memberships by (user id, room id), locked in id order, as posting locks them: no deadlock between the two."""
    people: defaultdict[int, set[int]] = defaultdict(set)
    for mark in marks:
        people[mark.room_id].add(mark.user_id)
    wanted = reduce(or_, (Q(room_id=room_id, user_id__in=user_ids) for room_id, user_ids in people.items()), Q(pk=None))
    rows = Membership.objects.filter(wanted).select_related("room").order_by("id")
    return {(row.user_id, row.room_id): row for row in rows.select_for_update(of=("self",), no_key=True)}


def _apply(mark: Mark, membership: Membership | None) -> int | None:
    if membership is None:
        return None
    match mark:
        case ReadMark(seq=seq):
            read = min(seq, membership.room.last_seq)
            if read <= membership.read_seq:
                return None
            membership.read_seq = read
            return read
        case UnreadMark(seq=seq):
            read = min(seq - 1, membership.room.last_seq)
            if read == membership.read_seq:
                return None
            membership.back_from_seq = max(membership.back_from_seq, membership.read_seq)
            membership.read_seq = read
            return read
        case TypingMark(is_typing=is_typing):
            membership.typing_until = timezone.now() + timedelta(seconds=TYPING_SECONDS) if is_typing else None
            return None
