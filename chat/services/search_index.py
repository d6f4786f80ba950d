"""Keeps the search index up to date, asynchronously: posting does nothing for it.

Each room has a cursor. Changes are followed by `rev`; messages older than the cursor are indexed from the newest one
back, so that searches find the latest months first. Every step reads, then writes its documents and its cursor in
one transaction, and gives up if another process has moved the cursor in between. Two processes that index at once
waste work, and a crash repeats a step.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Sum

from chat.models import Message, Room, SearchCursor, SearchDocument
from chat.queries import search_changes
from chat.queries.search_changes import CHANGED, LOCKED, PLACE, ROOMS_LATE, UNFILLED, ChangedMessage, LateRoom
from chat.search.tokens import VERSION
from chat.services.search_documents import (
    Source,
    documents_drop,
    documents_of,
    documents_of_room,
    documents_put,
)
from chat.services.sql_pipeline import run_together, select_together, updating

# Messages per step. Its transaction holds SQLite's only write lock: 2 to 4 ms for a hundred messages.
STEP = search_changes.STEP
# Documents that one step of the sweep compares with their messages.
SWEEP_STEP = 500
_MOVE = updating(
    SearchCursor._meta.db_table,
    {"rev": "bigint", "back_seq": "bigint", "cleared_seq": "bigint", "version": "text", "room_id": "bigint"},
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of the index: messages that are not indexed yet, and all messages."""

    waiting: int
    messages: int


def index_step() -> int:
    """Perform the next piece of work; returns the number of messages processed, 0 if the index is up to date.

    Two queries if there is nothing to do.
    """
    found = {LateRoom._make(row[: len(LateRoom._fields)]): row[len(LateRoom._fields) :] for row in ROOMS_LATE.all()}
    if not found:
        return _fill()
    rooms, cursors = list(found), _cursors(found)
    return _follow(rooms, cursors) or _clear(rooms, cursors)


def index_begin_again(*, outdated: bool = False) -> None:
    """Mark every room as not indexed, or only those with tokens of another version (`outdated`). Searches find the old
    documents until they are replaced."""
    cursors = SearchCursor.objects.exclude(version=VERSION) if outdated else SearchCursor.objects.all()
    for room in Room.objects.filter(pk__in=cursors.values("room_id")).iterator():
        index_room_again(room)


def index_room_again(room: Room) -> None:
    """Mark a room as not indexed; searches find its old documents until they are replaced."""
    begun = _beginning(room)
    SearchCursor.objects.filter(pk=room.pk).update(rev=begun.rev, back_seq=begun.back_seq, version=VERSION)


def index_progress() -> Progress:
    """The progress of the index. Three queries."""
    rooms = Room.objects.aggregate(
        messages=Sum("last_seq"),
        new=Sum("last_seq", filter=Q(search_cursor=None)),
        changes=Sum(F("last_rev") - F("search_cursor__rev")),
    )
    back = SearchCursor.objects.filter(back_seq__gt=1).aggregate(n=Sum(F("back_seq") - 1))["n"]
    waiting = sum(number or 0 for number in (rooms["new"], rooms["changes"], back))
    return Progress(waiting, rooms["messages"] or 0)


def index_sweep(after: int) -> int | None:
    """Remove documents without a message, which retention leaves behind, from the next SWEEP_STEP ones after this
    number; returns the last number checked, None at the end."""
    documents = SearchDocument.objects.filter(number__gt=after).order_by("number")
    rows = list(documents.values_list("number", "message_id")[:SWEEP_STEP])
    if not rows:
        return None
    there = set(Message.objects.filter(pk__in=[pk for _, pk in rows]).values_list("pk", flat=True))
    documents_drop(number for number, pk in rows if pk not in there)
    return rows[-1][0]


def index_forget_rooms() -> int:
    """Remove documents of one deleted room; returns the number removed, 0 when none is left."""
    gone = SearchCursor.objects.filter(~Exists(Room.objects.filter(pk=OuterRef("room_id")))).first()
    if gone is None:
        return 0
    numbers = documents_of_room(gone.pk, most=STEP)
    with transaction.atomic():
        documents_drop(numbers)
        if len(numbers) < STEP:
            gone.delete()
    return max(len(numbers), 1)


# --- The pieces of work -----------------------------------------------------------------------------


def _follow(rooms: Sequence[LateRoom], cursors: Mapping[int, SearchCursor]) -> int:
    """Index the changes in these rooms."""
    rows: list[ChangedMessage] = []
    moved: list[SearchCursor] = []
    for step in _steps(rooms, cursors):
        if len(rows) >= STEP:
            break
        for room, changed in zip(step, _changed([(room.pk, cursors[room.pk].rev) for room in step]), strict=True):
            if len(rows) >= STEP:
                break
            found = changed[: STEP - len(rows)]
            rows += found
            # A room's numbers are committed in order: a statement that sees one sees all before it.
            last = found[-1].rev if found else 0
            moved.append(_moved(cursors[room.pk], rev=last if len(rows) == STEP else max(last, room.last_rev)))
    if moved:
        _save(moved, cursors, rows, rooms)
    return max(len(rows), 1) if moved else 0


def _steps(rooms: Sequence[LateRoom], cursors: Mapping[int, SearchCursor]) -> Iterator[list[LateRoom]]:
    """The rooms with changes, in lists that have STEP changes or a few more: as much as one read takes of a room."""
    step: list[LateRoom] = []
    changes = 0
    for room in rooms:
        if room.last_rev > cursors[room.pk].rev:
            step.append(room)
            changes += room.last_rev - cursors[room.pk].rev
        if changes >= STEP:
            yield step
            step, changes = [], 0
    if step:
        yield step


def _changed(wanted: Sequence[tuple[int, int]]) -> list[list[ChangedMessage]]:
    """The changed messages of each room, given its id and last `rev`; on PostgreSQL in one round trip."""
    if connection.vendor == "postgresql":
        found = select_together(*(CHANGED.statement(*place) for place in wanted))
    else:
        found = [CHANGED.all(*place) for place in wanted]
    return [[ChangedMessage._make(row) for row in rows] for rows in found]


def _clear(rooms: Sequence[LateRoom], cursors: Mapping[int, SearchCursor]) -> int:
    """Remove the documents of cleared messages of one of these rooms."""
    for room in rooms:
        cursor = cursors[room.pk]
        if room.cleared_before_seq > cursor.cleared_seq:
            hidden = Message.objects.filter(
                room_id=room.pk, seq__gte=cursor.cleared_seq, seq__lt=room.cleared_before_seq
            )
            found = hidden.order_by("seq").values_list(*ChangedMessage._fields)
            rows = [ChangedMessage._make(row) for row in found[:STEP]]
            upto = rows[-1].seq + 1 if len(rows) == STEP else room.cleared_before_seq
            _save([_moved(cursor, cleared_seq=upto)], cursors, rows, [room])
            return max(len(rows), 1)
    # `_cursors` has created the cursors of new rooms.
    return 1


def _fill() -> int:
    """Index the next older messages of a room."""
    cursor = UNFILLED.first()
    if cursor is None:
        return 0
    room = Room.objects.filter(pk=cursor.pk).first()
    rows: list[ChangedMessage] = []
    if room:
        older = Message.objects.filter(room=room, seq__lt=cursor.back_seq, seq__gte=room.cleared_before_seq)
        rows = [ChangedMessage._make(row) for row in older.order_by("-seq").values_list(*ChangedMessage._fields)[:STEP]]
    back = rows[-1].seq if len(rows) == STEP else 1
    _save([_moved(cursor, back_seq=back)], {cursor.pk: cursor}, rows, [room] if room else [])
    return max(len(rows), 1)


# --- Cursors ----------------------------------------------------------------------------------------


def _cursors(found: Mapping[LateRoom, tuple[Any, ...]]) -> dict[int, SearchCursor]:
    """The cursor of each of these rooms, from the columns read with it; creates the missing ones."""
    held = {
        room.pk: SearchCursor(room_id=room.pk, **dict(zip(PLACE, places, strict=True)))
        for room, places in found.items()
        if places[0] is not None
    }
    fresh = {room.pk: _beginning(room) for room in found if room.pk not in held}
    if fresh:
        SearchCursor.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return held | fresh


def _beginning(room: Room | LateRoom) -> SearchCursor:
    return SearchCursor(
        room_id=room.pk,
        rev=room.last_rev,
        back_seq=room.last_seq + 1,
        cleared_seq=room.cleared_before_seq,
        version=VERSION,
    )


def _moved(cursor: SearchCursor, **places: int) -> SearchCursor:
    held = {"rev": cursor.rev, "back_seq": cursor.back_seq, "cleared_seq": cursor.cleared_seq}
    return SearchCursor(room_id=cursor.pk, version=cursor.version, **(held | places))


def _save(
    moved: Sequence[SearchCursor],
    read: Mapping[int, SearchCursor],
    rows: Sequence[ChangedMessage],
    rooms: Sequence[Room] | Sequence[LateRoom],
) -> None:
    """Write the documents of these messages and the new cursors, for those rooms whose cursor is still where it was
    read."""
    cleared = {room.pk: room.cleared_before_seq for room in rooms}
    sources = [_source(row, cleared[row.room_id]) for row in rows]
    # Computed before taking the lock: tokens take most of a step's time.
    documents = documents_of(sources)
    with transaction.atomic():
        locked = LOCKED.all([cursor.pk for cursor in moved])
        held = {pk for pk, *place in locked if tuple(place) == _place(read[pk])}
        documents_drop(source.number for source in sources if not source.shown and source.room_id in held)
        documents_put([row for row in documents if row[2] in held])
        places = [(*_place(cursor), cursor.pk) for cursor in moved if cursor.pk in held]
        run_together((_MOVE, places), last=True)


def _place(cursor: SearchCursor) -> tuple[int, int, int, str]:
    return cursor.rev, cursor.back_seq, cursor.cleared_seq, cursor.version


def _source(row: ChangedMessage, cleared_before_seq: int) -> Source:
    shown = row.kind == Message.Kind.TEXT and row.deleted_at is None and row.seq >= cleared_before_seq
    return Source(
        row.id,
        row.room_id,
        row.author_id,
        row.text,
        row.created_at,
        shown,
        row.thread is not None or bool(row.reply_count),
    )
