"""The rows of a conversation: day lines, the new-messages line, and messages that continue a group. Pure code, the same
as in the browser: `chat/static/chat/js/timeline/timeline_rows.js`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from chat.pages.moments import Moments
from chat.protocol import events

SAME_GROUP = timedelta(minutes=5)
MERGE_JOINS = 3


@dataclass(slots=True)
class Row:
    """`kind`: day, new (the line "New messages"), message, system, or joins (several arrivals in one line). `at`: in
    the reader's time zone."""

    kind: str
    at: datetime
    messages: list[events.Message] = field(default_factory=list)
    first: bool = False


def timeline(messages: list[events.Message], entry: events.RoomEntry | None, moments: Moments) -> list[Row]:
    """Return the rows of a page of messages, in the order of their `seq`. `entry`: the room as the reader sees it."""
    rows: list[Row] = []
    day: date | None = None
    last: Row | None = None
    new = _first_new(messages, entry)
    for message in messages:
        at = moments.local(message.timestamp)
        if at.date() != day:
            day, last = at.date(), None
            rows.append(Row("day", at))
        if new is not None and message.seq >= new:
            new = last = None
            rows.append(Row("new", at))
        if message.kind == "system":
            last = None
            rows.append(Row("system", at, [message]))
        else:
            first = (
                last is None
                or last.messages[0].username != message.username
                or message.reply_to is not None
                or at - last.at >= SAME_GROUP
            )
            last = Row("message", at, [message], first)
            rows.append(last)
    return list(_with_joins_merged(rows))


def _first_new(messages: list[events.Message], entry: events.RoomEntry | None) -> int | None:
    """The `seq` that the "New messages" line precedes; None if everything is read, or the line is above this page."""
    if not entry or not entry.unread or not messages or entry.read_seq + 1 < messages[0].seq:
        return None
    return entry.read_seq + 1


def _with_joins_merged(rows: list[Row]) -> Iterator[Row]:
    at = 0
    while at < len(rows):
        to = at
        while to < len(rows) and _is_join(rows[to]):
            to += 1
        if to - at >= MERGE_JOINS:
            yield Row("joins", rows[to - 1].at, [row.messages[0] for row in rows[at:to]])
            at = to
        else:
            yield rows[at]
            at += 1


def _is_join(row: Row) -> bool:
    return row.kind == "system" and (row.messages[0].system or {}).get("event") == "joined"
