"""Reading a room's messages: pages by `seq`, changes by `rev`. The cost does not depend on the length of the room."""

from dataclasses import dataclass
from functools import cache
from itertools import accumulate, takewhile
from json.encoder import encode_basestring as _json
from typing import Any

from django.db.models import QuerySet

from chat.lib.prepared_queries import PreparedRows, amounts
from chat.models import Message, Room
from chat.protocol import events
from chat.queries.message_encoding import encoded_states_of
from chat.queries.message_states import MessageRow, message_rows, states_of
from chat.queries.profiles import picture_address

# A frame of over 1 MiB closes the socket on daphne, so pages are limited by size as well as by count; `around` joins
# two pages of this size.
PAGE_BYTES = 384 * 1024
# Changes in one resume; a client that missed more loads the newest page instead.
RESUME_CHANGES = 500
# Rows of the first read; each further read takes twice the rows read so far. 500 long messages at once would take
# 100 MB of memory and not fit one frame.
CHANGES_AT_FIRST = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Message states in `seq` order, and whether there are more on either side."""

    messages: list[events.Message]
    has_older: bool
    has_newer: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """Durable events in `rev` order, complete up to the rev `upto`. `head`: the last rev of the room."""

    events: list[events.Durable]
    upto: int
    head: int

    @property
    def complete(self) -> bool:
        """Whether these are all changes up to the head."""
        return self.upto >= self.head


def history_page(
    room: Room,
    *,
    limit: int,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    thread: int | None = None,
    all: bool = False,
) -> Page:
    """Return at most `limit` messages, the newest or those next to a `seq`: of the room; with `all`, also replies that
    only a thread shows; with `thread` (the `seq` of its root), the replies of that thread.

    With `before` or `after`, one more query checks the other side of the `seq`: the numbers alone do not show whether
    there are messages, since the room does not show the replies of its threads.
    """

    def shown(low: int = 1, high: int = room.last_seq) -> QuerySet[Message]:
        return _shown(room, thread, low, high, all=all)

    if around is not None:
        older, has_older = _older(shown(high=around - 1), limit // 2)
        newer, has_newer = _newer(shown(low=around), limit - limit // 2)
        return Page(older + newer, has_older, has_newer)
    if after is not None:
        newer, has_newer = _newer(shown(low=after + 1), limit)
        return Page(newer, _any(shown(high=after)), has_newer)
    if before is not None:
        older, has_older = _older(shown(high=before - 1), limit)
        return Page(older, has_older, _any(shown(low=before)))
    if thread is None and not all:
        newest, has_older = _last(_newest_rows(room, limit), limit)
    else:
        newest, has_older = _older(shown(), limit)
    return Page(newest, has_older, has_newer=False)


def newest_page(room: Room, *, limit: int) -> str:
    """Return the encoded `history` event of the newest page, equal to that of `history_page`: a test compares them."""
    rows = _newest_rows(room, limit)
    # Every new socket is sent one: the page is joined from its messages, each encoded only once.
    texts = encoded_states_of(rows[:limit])
    texts = texts[: _fitting(texts)]
    older = "true" if len(texts) < len(rows) else "false"
    messages = ",".join(reversed(texts))
    return (
        f'{{"type":"history","room":{_json(room.slug)},"messages":[{messages}],"has_older":{older},"has_newer":false}}'
    )


def _newest_rows(room: Room, limit: int) -> list[MessageRow]:
    """The last `limit` messages that the room shows, the newest first, plus one if there are more."""
    first = max(room.cleared_before_seq, 1)
    return [MessageRow._make(row) for row in _newest(limit).all(room.pk, first, room.last_seq)]


@cache
def _newest(limit: int) -> PreparedRows:
    """`_older` for the messages that a room shows, with a statement that is built once: every new socket needs it."""

    def build(room_id: int, low: int, high: int) -> "QuerySet[Any, Any]":
        there = Message.objects.filter(room=room_id, seq__gte=low, seq__lte=high, in_room=True)
        return there.order_by("-seq").values_list(*MessageRow._fields)[: limit + 1]

    return PreparedRows(build, *map(amounts, range(3)))


def _older(there: QuerySet[Message], limit: int) -> tuple[list[events.Message], bool]:
    """The last `limit` of these, in `seq` order, and whether there are more."""
    # One row more than the page shows whether there are more.
    return _last(message_rows(there.order_by("-seq")[: limit + 1]), limit)


def _last(rows: list[MessageRow], limit: int) -> tuple[list[events.Message], bool]:
    kept = _within(states_of(rows[:limit]))
    return kept[::-1], len(kept) < len(rows)


def _newer(there: QuerySet[Message], limit: int) -> tuple[list[events.Message], bool]:
    """The first `limit` of these, and whether there are more."""
    rows = message_rows(there.order_by("seq")[: limit + 1])
    kept = _within(states_of(rows[:limit]))
    return kept, len(kept) < len(rows)


def _any(there: QuerySet[Message]) -> bool:
    # In order: with `exists()` PostgreSQL may read the table from its beginning, through the messages of other rooms.
    return bool(there.order_by("seq").values_list("seq")[:1])


def _shown(room: Room, thread: int | None, low: int, high: int, *, all: bool) -> QuerySet[Message]:
    """The messages from `low` to `high`. One bound on each side: of two, SQLite uses only the first, and read half a
    million messages for a page in the middle of a room."""
    first = max(room.cleared_before_seq, low)
    # Messages newer than this copy of the room's row arrive as events.
    there = Message.objects.filter(room=room, seq__gte=first, seq__lte=min(room.last_seq, high))
    if thread is not None:
        return there.filter(thread=thread)
    return there if all else there.filter(in_room=True)


def changes_after(room: Room, rev: int, *, limit: int) -> Changes:
    """Return the changes after `rev` up to the room's head, at most `limit` and about one frame.

    `room` must have been read before this call. Changes newer than its head are left for the next call,
    because a clearing that came with them is not in `room`.
    """
    head = room.last_rev
    first = max(room.cleared_before_seq, 1)
    rows: list[MessageRow] = []
    upto, chars = rev, 0
    while upto < head and len(rows) <= limit and chars <= PAGE_BYTES:
        most = min(2 * len(rows) or CHANGES_AT_FIRST, limit + 1 - len(rows))
        part = [MessageRow._make(row) for row in _changed(most).all(room.pk, first, upto, head)]
        rows += part
        chars += sum(len(row.text) for row in part)
        upto = part[-1].rev if len(part) == most else head
    if len(rows) > limit:
        del rows[limit:]
        upto = rows[-1].rev
    states: list[events.Durable] = [*states_of(rows)]
    states += [event for event in room_changes(room) if rev < event.rev <= upto]
    return Changes(sorted(states, key=lambda event: event.rev), upto, head)


@cache
def _changed(most: int) -> PreparedRows:
    """The first changes of a room after a `rev`, with a statement that is built once: after a network failure every
    socket asks for them. `most` has few values: the sizes of the parts of each limit."""

    def build(room_id: int, first: int, after: int, head: int) -> "QuerySet[Any, Any]":
        there = Message.objects.filter(room=room_id, seq__gte=first, rev__gt=after, rev__lte=head)
        return there.order_by("rev").values_list(*MessageRow._fields)[:most]

    return PreparedRows(build, *map(amounts, range(4)))


def resumed_after(room: Room, rev: int | None) -> events.Resumed:
    """Return the changes after `rev` up to the room's head; not complete when there are more than one resume holds, or
    when `rev` is unknown (None, or from before a backup was restored)."""
    head = room.last_rev
    if rev is not None and rev <= head:
        changes = changes_after(room, rev, limit=RESUME_CHANGES)
        resumed = events.Resumed(room=room.slug, complete=True, messages=changes.events, rev=head)
        if changes.complete and len(resumed.encode()) <= PAGE_BYTES:
            return resumed
    return events.Resumed(room=room.slug, complete=False, messages=[], rev=head)


def room_changes(room: Room) -> list[events.Durable]:
    """Return the changes that the room's own row holds: the last clearing and the last change of its facts."""
    found: list[events.Durable] = []
    if room.cleared_rev:
        found.append(cleared_event(room))
    if room.facts_rev:
        found.append(facts_event(room))
    return found


def cleared_event(room: Room) -> events.Cleared:
    """Return the event of the room's last clearing."""
    return events.Cleared(room=room.slug, before_seq=room.cleared_before_seq, rev=room.cleared_rev)


def facts_event(room: Room) -> events.RoomFacts:
    """Return the event with the room's own facts."""
    return events.RoomFacts(
        room=room.slug,
        rev=room.facts_rev,
        title=room.title,
        topic=room.topic,
        kind=room.kind,
        archived=room.archived,
        description=room.description,
        posting=room.posting,
        slow_seconds=room.slow_seconds,
        keep_days=room.keep_days or None,
        picture=picture_address(room.picture),
        previews=room.previews,
        pinning=room.pinning,
        calling=room.calling,
        adding=room.adding,
        edit_history=room.edit_history,
        replies=room.replies,
        pins=room.pins,
        address=room.address,
        emoji=room.emoji,
    )


def _within(rows: list[events.Message]) -> list[events.Message]:
    """The leading rows that fit into one frame, at least one."""
    return rows[: _fitting([row.encode() for row in rows])]


def _fitting(texts: list[str]) -> int:
    """How many of these encoded messages fit into one frame, at least one."""
    # Size as sent: one character can take six bytes.
    sizes = accumulate(len(text) if text.isascii() else len(text.encode()) for text in texts)
    return max(sum(1 for _ in takewhile(lambda size: size <= PAGE_BYTES, sizes)), 1)
