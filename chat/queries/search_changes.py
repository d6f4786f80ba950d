"""What the search index has yet to follow. The SQL is built once: while messages arrive the indexer asks several times
a second, and most of a step was building it."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from chat.lib.prepared_queries import PreparedManyLists, PreparedQuery, PreparedRows, amounts, numbers
from chat.models import Message, Room, SearchCursor

# Messages that are read of one room at once.
STEP = 100
# Rooms that are read at once.
ROOMS_STEP = 50
# The columns of a cursor.
PLACE = ("rev", "back_seq", "cleared_seq", "version")


class ChangedMessage(NamedTuple):
    """What the index reads of a message."""

    room_id: int
    seq: int
    rev: int
    id: int
    author_id: int
    text: str
    created_at: datetime
    kind: str
    deleted_at: datetime | None
    thread: int | None
    reply_count: int


class LateRoom(NamedTuple):
    """What the index reads of a room whose cursor is behind it, or missing."""

    pk: int
    last_rev: int
    last_seq: int
    cleared_before_seq: int


def _rooms_late() -> "QuerySet[Room, Any]":
    late = Q(search_cursor=None) | Q(last_rev__gt=F("search_cursor__rev"))
    late |= Q(cleared_before_seq__gt=F("search_cursor__cleared_seq"))
    columns = (*LateRoom._fields, *(f"search_cursor__{name}" for name in PLACE))
    # A flood in one room delays its own messages, and not those of others.
    waiting = Coalesce(F("last_rev") - F("search_cursor__rev"), 0)
    return Room.objects.filter(late).order_by(waiting, "pk").values_list(*columns)[:ROOMS_STEP]


# Each room with its columns, and then PLACE of its cursor, or None; first those in which least changed.
ROOMS_LATE = PreparedRows(_rooms_late)
# By the id of a room and a `rev`: its messages that changed later.
CHANGED = PreparedRows(
    lambda room_id, rev: (
        Message.objects.filter(room_id=room_id, rev__gt=rev).order_by("rev").values_list(*ChangedMessage._fields)[:STEP]
    ),
    *(numbers(1), amounts(1)),
)
# The next room of which older messages are not indexed.
UNFILLED = PreparedQuery(lambda: SearchCursor.objects.filter(back_seq__gt=1).order_by("room_id"))
# By the ids of rooms, in a transaction: their cursors, which it locks, as the id and PLACE.
LOCKED = PreparedManyLists(
    lambda room_ids: (
        SearchCursor.objects.select_for_update().filter(pk__in=room_ids).order_by("pk").values_list("pk", *PLACE)
    ),
    numbers,
)
