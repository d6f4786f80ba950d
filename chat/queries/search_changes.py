"""Changes that the search index has not followed yet. The SQL is built once: while messages arrive the indexer runs it
several times a second, and building it took most of the time of a step."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from chat.lib.prepared_queries import PreparedManyLists, PreparedQuery, PreparedRows, amounts, numbers
from chat.models import Message, Room, SearchCursor

# Messages of one room that are read at once.
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
    # Rooms with the fewest changes first: a flood in one room delays only its own messages.
    waiting = Coalesce(F("last_rev") - F("search_cursor__rev"), 0)
    return Room.objects.filter(late).order_by(waiting, "pk").values_list(*columns)[:ROOMS_STEP]


# Late rooms: the columns of LateRoom, then PLACE of the cursor, or None; rooms with the fewest changes first.
ROOMS_LATE = PreparedRows(_rooms_late)
# Arguments: a room's id and a `rev`. The messages of the room that changed after it.
CHANGED = PreparedRows(
    lambda room_id, rev: (
        Message.objects.filter(room_id=room_id, rev__gt=rev).order_by("rev").values_list(*ChangedMessage._fields)[:STEP]
    ),
    *(numbers(1), amounts(1)),
)
# The cursor of the next room whose older messages are not indexed yet.
UNFILLED = PreparedQuery(lambda: SearchCursor.objects.filter(back_seq__gt=1).order_by("room_id"))
# Argument: ids of rooms. Locks their cursors in the transaction, and returns each as the id and PLACE.
LOCKED = PreparedManyLists(
    lambda room_ids: (
        SearchCursor.objects.select_for_update().filter(pk__in=room_ids).order_by("pk").values_list("pk", *PLACE)
    ),
    numbers,
)
