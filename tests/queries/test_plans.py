"""A page of a long room costs the same as one of a short room: both databases use the index.

Measured by the plan and, on PostgreSQL, by the blocks read; not by the clock.
"""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Participant, Room
from chat.queries.history import changes_after, history_page
from chat.queries.rooms import room_entries
from chat.queries.threads import threads_page
from support import people

# Reading through the long room would take two thousand blocks.
SHORT, LONG = 1_000, 100_000
# The database generates the rows: the ORM would take minutes.
SERIES = {
    "postgresql": "SELECT n FROM generate_series(1, %(last)s) AS series(n)",
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %(last)s) "
    "SELECT n FROM series",
}
INSERT = """
INSERT INTO chat_message (room_id, seq, rev, kind, author_id, text, created_at, client_digest)
SELECT %(room)s, n, n, 'text', %(author)s, 'a sentence of ordinary length, number ' || n, '2026-11-21 10:00:00+00', ''
FROM ({series}) AS numbers
"""


@pytest.fixture
def rooms(db: None) -> tuple[Room, Room]:
    """A short room and a long one."""
    author = people.alice()
    made = people.room("short", owner=author), people.room("long", owner=author)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Bulk rows: no time limit, and no foreign key checks of each row's room and author.
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL session_replication_role = replica")
        for room, last in zip(made, (SHORT, LONG), strict=True):
            series = SERIES[connection.vendor]
            cursor.execute(INSERT.format(series=series), {"room": room.pk, "author": author.pk, "last": last})
            Room.objects.filter(pk=room.pk).update(last_seq=last, last_rev=last)
            room.refresh_from_db()
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE chat_message")
    return made


def plans(room: Room) -> list[str]:
    """The plans of the statements about messages, for each kind of page and for a resume near the end."""
    with CaptureQueriesContext(connection) as captured:
        history_page(room, limit=50)
        history_page(room, limit=50, before=room.last_seq // 2)
        history_page(room, limit=50, after=room.last_seq // 2)
        history_page(room, limit=50, around=room.last_seq // 2)
        changes_after(room, room.last_rev - 50, limit=500)
    statements = [query["sql"] for query in captured if 'FROM "chat_message"' in query["sql"]]
    # Each page at a number also queries what is on its other side.
    assert len(statements) == 8
    return [explain(statement) for statement in statements]


def explain(statement: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            return "\n".join(row[-1] for row in cursor.fetchall())
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
        return json.dumps(found if isinstance(found, list) else json.loads(found))


@pytest.mark.timeout(60)
def test_a_page_of_a_long_room_goes_by_the_index(rooms: tuple[Room, Room]) -> None:
    short, long = rooms
    for cheap, plan in zip(plans(short), plans(long), strict=True):
        if connection.vendor == "sqlite":
            assert "SCAN" not in plan, plan
            assert "TEMP B-TREE" not in plan, plan
            assert "SEARCH chat_message USING INDEX" in plan, plan
            assert plan == cheap
        else:
            assert "message_in_room" in plan or "message_rev_once" in plan, plan
            assert blocks(plan) <= blocks(cheap) + 20, plan

    newcomer = people.bob()
    Membership.objects.create(room=long, user=newcomer)
    with CaptureQueriesContext(connection) as captured:
        assert [held.entry.unread for held in room_entries(newcomer)] == [LONG]
    plan = explain(captured[0]["sql"])
    assert "message_not_counted" in plan, plan
    assert connection.vendor == "sqlite" or blocks(plan) < 50, plan


def blocks(plan: str) -> int:
    root: dict[str, Any] = json.loads(plan)[0]["Plan"]
    return int(root["Shared Hit Blocks"] + root["Shared Read Blocks"])


# Half of the messages are replies that only their thread shows, in runs of a thousand; each thread has a hundred.
THREADED = """
INSERT INTO chat_message
    (room_id, seq, rev, kind, author_id, text, created_at, client_digest, thread, in_room, reply_count)
SELECT %(room)s, n, n, 'text', %(author)s, 'a sentence of ordinary length, number ' || n, '2026-11-21 10:00:00+00', '',
    CASE WHEN n %% 2000 >= 1000 THEN n - n %% 2000 + (n %% 1000) / 100 + 1 END, n %% 2000 < 1000,
    CASE WHEN n %% 2000 BETWEEN 1 AND 10 THEN 100 ELSE 0 END
FROM ({series}) AS numbers
"""
ROOTS = """
INSERT INTO chat_thread (root_id, room_id, seq, last_seq, last_at, people)
SELECT id, room_id, seq, seq + 1100, '2026-11-21 10:00:00+00', '[]' FROM chat_message WHERE room_id = %(room)s
AND reply_count > 0
"""
FOLLOWS = """
INSERT INTO chat_threadfollow (thread_id, user_id, following, read_seq, since)
SELECT root_id, %(user)s, %(yes)s, CASE WHEN root_id %% 2 = 0 THEN 0 ELSE 1000000000 END, '2026-11-21 10:00:00+00'
FROM chat_thread
"""


@pytest.fixture
def threaded(db: None) -> tuple[Room, Room]:
    """A short room and a long one, half of whose messages are replies in threads; Bob follows all threads."""
    author, bob = people.alice(), people.bob()
    made = people.room("short", owner=author, members=[bob]), people.room("long", owner=author, members=[bob])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL session_replication_role = replica")
        for room, last in zip(made, (4_000, 200_000), strict=True):
            values = {"room": room.pk, "author": author.pk, "last": last}
            cursor.execute(THREADED.format(series=SERIES[connection.vendor]), values)
            cursor.execute(ROOTS, values)
            Room.objects.filter(pk=room.pk).update(last_seq=last, last_rev=last)
            room.refresh_from_db()
        cursor.execute(FOLLOWS, {"user": bob.pk, "yes": True})
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "ANALYZE chat_message, chat_thread")
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE chat_threadfollow")
    return made


# A single test: creating its rows takes longer than reading them.
@pytest.mark.timeout(60)
def test_what_asks_for_threads_goes_by_the_index(threaded: tuple[Room, Room]) -> None:
    _page_passes_over_replies(*threaded)
    _replies_of_a_thread(threaded[1])
    _list_of_threads()


def _page_passes_over_replies(short: Room, long: Room) -> None:
    # Two thousand places before the page there is a run of a thousand replies.
    with CaptureQueriesContext(connection) as captured:
        for room in (short, long):
            found = history_page(room, limit=50, before=room.last_seq - 995)
            assert len(found.messages) == 50
    pages = [explain(query["sql"]) for query in captured if 'FROM "chat_message"' in query["sql"]]
    assert all("message_in_room" in plan for plan in pages), pages
    if connection.vendor == "postgresql":
        cheap, dear = blocks(pages[0]), blocks(pages[2])
        assert dear <= cheap + 20, (cheap, dear)


def _replies_of_a_thread(long: Room) -> None:
    with CaptureQueriesContext(connection) as captured:
        found = history_page(long, limit=50, thread=100_001)
    assert [one.seq for one in found.messages] == list(range(101_050, 101_100))
    plan = explain(captured[0]["sql"])
    assert "message_of_thread" in plan, plan
    # 50 replies, and the author of each by primary key: three blocks.
    assert connection.vendor == "sqlite" or blocks(plan) < 300, plan


def _list_of_threads() -> None:
    """It reads the person's threads, and only those replies that are shown."""
    bob = Participant.objects.get(username="bob")
    with CaptureQueriesContext(connection) as captured:
        found = threads_page(bob, wanted="unread")
    assert (len(found.threads), found.unread) == (20, 510)
    for query in captured:
        plan = explain(query["sql"])
        if connection.vendor == "sqlite":
            assert "SCAN chat_message" not in plan, plan
        else:
            # 1,020 follows with their threads and rooms; only a few blocks for each.
            assert blocks(plan) < 12_000, plan
