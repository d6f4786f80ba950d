"""Read marks and typing marks of memberships, many in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from chat.lib.joined_transaction import JoinedTransaction
from chat.models import Membership, Participant, Room
from chat.services.publishing import Moved, publish_marks
from chat.services.sql_pipeline import given, row_lock, run_together, select_together, updating

# Clients hide a typing indicator after 6 s; the stored time is for people who join meanwhile.
TYPING_SECONDS = 6
# Marks per statement.
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
    """The person marked the message `seq` and those after it as unread."""

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


@JoinedTransaction()
def marks_save(marks: Sequence[Mark]) -> list[int | None]:
    """Write the marks in order; returns for each the `seq` to which its read mark moved, or None.

    A read mark only moves forward, and never beyond the last message; only an `UnreadMark` moves it back. Two round
    trips, or one if nothing changed: everyone who works sends marks all day.
    """
    rows = _locked(marks)
    before = {key: row.state for key, row in rows.items()}
    news = [_apply(mark, rows.get((mark.user_id, mark.room_id))) for mark in marks]
    publish_marks(
        [
            _moved(mark, rows[mark.user_id, mark.room_id], seq)
            for mark, seq in zip(marks, news, strict=True)
            if seq is not None and not isinstance(mark, TypingMark)
        ]
    )
    if changed := [(*row.state, row.pk) for key, row in rows.items() if row.state != before[key]]:
        run_together((_WRITE, changed), last=True)
    return news


def rooms_read(*, user: Participant) -> int:
    """Mark all rooms of a person as read, up to their last messages; returns how many were not. Publishes the marks to
    the person's sockets. One transaction, with one statement per STEP of rooms."""
    with transaction.atomic():
        behind = Membership.objects.filter(user=user, read_seq__lt=F("room__last_seq")).select_related("room")
        rows = list(behind.order_by("id").select_for_update(of=("self",), no_key=True))
        for row in rows:
            row.read_seq = row.room.last_seq
        Membership.objects.bulk_update(rows, ["read_seq"], batch_size=STEP)
        publish_marks([Moved(user.pk, row.room_id, row.room.slug, row.read_seq) for row in rows])
    return len(rows)


@dataclass(slots=True)
class _Row:
    """A locked membership, with its room's slug and last message."""

    pk: int
    user_id: int
    room_id: int
    read_seq: int
    back_from_seq: int
    typing_until: datetime | str | None
    slug: str
    last_seq: int

    @property
    def state(self) -> tuple[int, int, datetime | str | None]:
        """The values to write."""
        return self.read_seq, self.back_from_seq, self.typing_until


_MEMBERSHIP, _ROOM = Membership._meta.db_table, Room._meta.db_table
_WRITE = updating(
    _MEMBERSHIP, {"read_seq": "bigint", "back_from_seq": "bigint", "typing_until": "timestamptz", "id": "bigint"}
)


def _locked(marks: Sequence[Mark]) -> dict[tuple[int, int], _Row]:
    """The memberships by (user id, room id), locked in id order like in posting: the two cannot deadlock."""
    pairs, values = given(
        {"user_id": "bigint", "room_id": "bigint"}, {(mark.user_id, mark.room_id): None for mark in marks}
    )
    [rows] = select_together(
        (
            f"SELECT {_MEMBERSHIP}.id, {_MEMBERSHIP}.user_id, {_MEMBERSHIP}.room_id, read_seq, back_from_seq,"
            f" typing_until, slug, last_seq FROM {pairs} CROSS JOIN {_MEMBERSHIP} CROSS JOIN {_ROOM}"
            f" WHERE {_MEMBERSHIP}.room_id = given.room_id AND {_MEMBERSHIP}.user_id = given.user_id"
            f" AND {_ROOM}.id = given.room_id ORDER BY {_MEMBERSHIP}.id" + row_lock(_MEMBERSHIP),
            values,
        )
    )
    return {(row[1], row[2]): _Row(*row) for row in rows}


def _moved(mark: ReadMark | UnreadMark, row: _Row, seq: int) -> Moved:
    return Moved(
        mark.user_id,
        row.room_id,
        row.slug,
        seq,
        unread=isinstance(mark, UnreadMark),
        more=seq < row.last_seq,
        socket=mark.socket,
    )


def _apply(mark: Mark, row: _Row | None) -> int | None:
    if row is None:
        return None
    match mark:
        case ReadMark(seq=seq):
            read = min(seq, row.last_seq)
            if read <= row.read_seq:
                return None
            row.read_seq = read
            return read
        case UnreadMark(seq=seq):
            read = min(seq - 1, row.last_seq)
            if read == row.read_seq:
                return None
            row.back_from_seq = max(row.back_from_seq, row.read_seq)
            row.read_seq = read
            return read
        case TypingMark(is_typing=is_typing):
            until = timezone.now() + timedelta(seconds=TYPING_SECONDS) if is_typing else None
            row.typing_until = until and connection.ops.adapt_datetimefield_value(until)
            return None
