"""`python -m bench.large_room`: reads in a room of which half are replies that their threads alone show, beside those
in a room without threads; for one person in 500 rooms who follows 5,000 threads.

Prints for each read the median in milliseconds with everything around, and its statements; with `--plans` also how the
database goes about each of them. A million messages are filled in within some minutes.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from bench.own_database import own_database

AUTHORS = 30
# The large room repeats a block of this many messages, the second half of them replies in this many threads.
BLOCK, THREADS = 2_000, 10
# Up to this `seq`, all replies of the large room belong to one thread: 10,000.
LONG_THREAD = 20_000
# Messages and threads of each of the other rooms.
SMALL, SMALL_THREADS = 200, 5
MENTION_EVERY = 100
PINS, SAVED = 100, 1_000
UNREAD = 20
PAGE = 50
WARM_UP = 2

_SERIES = {
    "postgresql": "SELECT n FROM generate_series(1, %(last)s) AS series(n)",
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %(last)s) "
    "SELECT n FROM series",
}
_AT = {
    "postgresql": "now() - (%(last)s - n) * interval '30 seconds'",
    "sqlite": "datetime('now', (30 * (n - %(last)s)) || ' seconds')",
}
_EXPLAIN = {"postgresql": "EXPLAIN (ANALYZE, BUFFERS) ", "sqlite": "EXPLAIN QUERY PLAN "}
_MESSAGES = """
INSERT INTO chat_message
    (room_id, seq, rev, kind, author_id, text, created_at, client_digest, thread, in_room, reply_count)
SELECT %(room)s, n, n, 'text', %(first)s + n %% {authors}, 'a sentence of ordinary length, number ' || n, {at}, '',
    CASE WHEN {replies} THEN {root} END, NOT ({replies}), 0
FROM ({series}) AS numbers
"""
_COUNTED = """
UPDATE chat_message SET reply_count = (
    SELECT count(*) FROM chat_message reply
    WHERE reply.room_id = chat_message.room_id AND reply.thread = chat_message.seq
) WHERE id IN (SELECT root_id FROM chat_thread)
"""
_ROOTS = """
INSERT INTO chat_thread (root_id, room_id, seq, last_seq, last_at, people)
SELECT root.id, root.room_id, root.seq, replies.last, replies.at, '[]'
FROM (SELECT room_id, thread, max(seq) AS last, max(created_at) AS at FROM chat_message WHERE thread IS NOT NULL
      GROUP BY room_id, thread) replies
JOIN chat_message root ON root.room_id = replies.room_id AND root.seq = replies.thread
"""
_FOLLOWS = """
INSERT INTO chat_threadfollow (thread_id, user_id, following, read_seq, since)
SELECT root_id, %(reader)s, %(yes)s, CASE WHEN root_id %% 2 = 0 THEN seq ELSE last_seq END, last_at
FROM chat_thread ORDER BY room_id = %(large)s, last_at DESC LIMIT %(followed)s
"""
_MENTIONS = f"""
INSERT INTO chat_mention (message_id, user_id, room_id, seq)
SELECT id, %(reader)s, room_id, seq FROM chat_message WHERE seq %% {MENTION_EVERY} = 7
"""

Read = Callable[[], object]


def main() -> None:
    """Fill a new database, an SQLite file or a private PostgreSQL, and measure in it."""
    parser = argparse.ArgumentParser(prog="python -m bench.large_room", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--messages", type=int, default=1_000_000, help="of each of the two large rooms")
    parser.add_argument("--rooms", type=int, default=500)
    parser.add_argument("--followed", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=10, help="runs of each read")
    parser.add_argument("--plans", action="store_true", help="also print the plan of each statement")
    options = parser.parse_args()
    with own_database(options.database):
        _measure(options)


def _measure(options: argparse.Namespace) -> None:
    began = time.perf_counter()
    fill(messages=options.messages, rooms=options.rooms, followed=options.followed)
    _show({"filled in seconds": round(time.perf_counter() - began)})
    for title, read in reads().items():
        ms, statements = timed(read, options.times)
        _show({"read": title, "ms": round(ms, 2), "statements": len(statements)})
        if options.plans:
            for statement, values in statements:
                sys.stdout.write("\n".join(f"    {line}" for line in _plan(statement, values)) + "\n\n")


def _show(found: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def fill(*, messages: int, rooms: int, followed: int) -> None:
    """Make the two large rooms, the others, and what the reader has in them."""
    from django.db import connection
    from django.utils import timezone

    from chat.models import Membership, Message, Participant, Room, SavedMessage
    from chat.services.mentions import mentions_place
    from chat.services.uncounted import blocks_sweep

    reader = Participant.objects.create(username="reader")
    Participant.objects.create(username="newcomer")
    authors = [Participant.objects.create(username=f"author{n}") for n in range(AUTHORS)]
    sizes = {"plain": messages, "large": messages} | {f"room-{n}": SMALL for n in range(rooms - 2)}
    made = [Room.objects.create(slug=slug, last_seq=last, last_rev=last) for slug, last in sizes.items()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Bulk inserts: no statement timeout, and no foreign key check of each row's room and author.
            cursor.execute("SET statement_timeout = 0; SET session_replication_role = replica")
        for room in made:
            replies, root = _pattern(room.slug)
            statement = _MESSAGES.format(
                authors=AUTHORS,
                at=_AT[connection.vendor],
                series=_SERIES[connection.vendor],
                replies=replies,
                root=root,
            )
            cursor.execute(statement, {"room": room.pk, "first": authors[0].pk, "last": room.last_seq})
        cursor.execute(_ROOTS)
        cursor.execute(_COUNTED)
        large = made[1]
        cursor.execute(_FOLLOWS, {"reader": reader.pk, "yes": True, "large": large.pk, "followed": followed})
        cursor.execute(_MENTIONS, {"reader": reader.pk})
    Membership.objects.bulk_create(
        Membership(user=reader, room=room, read_seq=max(room.last_seq - UNREAD, 0)) for room in made
    )
    Membership.objects.create(user=Participant.objects.get(username="newcomer"), room=large, read_seq=0)
    there = Message.objects.filter(room=large, in_room=True)
    large.pins = list(there.order_by("-seq").values_list("seq", flat=True)[:: max(messages // 2 // PINS, 1)][:PINS])
    large.save()
    there.filter(seq__in=large.pins).update(pinned_at=timezone.now(), pinned_by=authors[0])
    saved = there.order_by("seq").values_list("pk", flat=True)[:SAVED]
    SavedMessage.objects.bulk_create(SavedMessage(user=reader, message_id=pk) for pk in saved)
    blocks_sweep()
    while mentions_place():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _pattern(slug: str) -> tuple[str, str]:
    """SQL: whether message `n` is a reply that only its thread shows, and the `seq` of its root."""
    if slug == "plain":
        return "n < 0", "0"
    block, threads = (BLOCK, THREADS) if slug == "large" else (SMALL, SMALL_THREADS)
    half = block // 2
    root = f"n - n %% {block} + (n %% {half}) / {half // threads} + 1"
    if slug == "large":
        root = f"CASE WHEN n < {LONG_THREAD} THEN 1 ELSE {root} END"
    return f"n %% {block} >= {half}", root


def reads() -> dict[str, Read]:
    """The reads, by their titles."""
    from chat.models import Participant, Room
    from chat.queries.inbox import inbox
    from chat.queries.pins import pinned_messages
    from chat.queries.profiles import own_facts
    from chat.queries.rooms import room_entries
    from chat.queries.saved import saved_of
    from chat.queries.threads import history_of, threads_page

    reader, newcomer = (Participant.objects.get(username=name) for name in ("reader", "newcomer"))
    plain, large = (Room.objects.get(slug=slug) for slug in ("plain", "large"))
    found: dict[str, Read] = {}
    for name, room in (("no threads", plain), ("half replies", large)):
        middle = room.last_seq // 2
        found |= {
            f"newest page, {name}": lambda room=room: history_of(room, limit=PAGE),  # type: ignore[misc]
            f"page up, {name}": lambda room=room, at=middle: history_of(room, limit=PAGE, before=at),  # type: ignore[misc]
            f"page down, {name}": lambda room=room, at=middle: history_of(room, limit=PAGE, after=at),  # type: ignore[misc]
            f"page around, {name}": lambda room=room, at=middle: history_of(room, limit=PAGE, around=at),  # type: ignore[misc]
        }
    return found | {
        "newest page of a thread of 10,000": lambda: history_of(large, limit=PAGE, thread=1, reader=reader),
        "page up in it": lambda: history_of(large, limit=PAGE, thread=1, before=LONG_THREAD // 2, reader=reader),
        "threads, followed": lambda: threads_page(reader),
        "threads, unread": lambda: threads_page(reader, wanted="unread"),
        "threads, all of a room": lambda: threads_page(reader, wanted="all", room=large),
        "rooms with unread at connect": lambda: room_entries(reader),
        "the same of a newcomer to the large room": lambda: room_entries(newcomer),
        "own facts at connect": lambda: own_facts(reader.pk),
        "pins": lambda: pinned_messages(large),
        "saved": lambda: saved_of(reader),
        "inbox, mentions": lambda: inbox(reader, kind="mentions"),
        "inbox, reactions": lambda: inbox(reader, kind="reactions"),
    }


def timed(read: Read, times: int) -> tuple[float, list[tuple[str, Any]]]:
    """The median in milliseconds of `times` runs, and the statements of one."""
    from django.db import connection

    took = []
    for _ in range(WARM_UP + times):
        began = time.perf_counter()
        read()
        took.append((time.perf_counter() - began) * 1e3)
    statements: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], statement: str, values: Any, many: bool, context: Any) -> Any:
        statements.append((statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(note):
        read()
    return statistics.median(took[WARM_UP:]), statements


def _plan(statement: str, values: Any) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_EXPLAIN[connection.vendor] + statement, values)
        return [str(row[-1]) for row in cursor.fetchall()]


if __name__ == "__main__":
    main()
