"""A page of a long room costs what a page of a short one costs: the database goes by the index, on either kind.

Measured by the plan and, on PostgreSQL, by the blocks that were read; not by the clock.
"""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Room
from chat.queries.history import changes_after, history_page
from chat.queries.rooms import room_entries
from support import people

SHORT, LONG = 1_000, 1_000_000
# Rows by the database's own hand: the ORM would take minutes.
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
            # Rows made in bulk: no limit of time, and no look at each row's room and author.
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
    """How each statement about messages goes, for each kind of page and for a resume near the end."""
    with CaptureQueriesContext(connection) as captured:
        history_page(room, limit=50)
        history_page(room, limit=50, before=room.last_seq // 2)
        history_page(room, limit=50, after=room.last_seq // 2)
        history_page(room, limit=50, around=room.last_seq // 2)
        changes_after(room, room.last_rev - 50, limit=500)
    statements = [query["sql"] for query in captured if 'FROM "chat_message"' in query["sql"]]
    assert len(statements) == 6
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
            assert "message_seq_once" in plan or "message_rev_once" in plan, plan
            assert blocks(plan) <= blocks(cheap) + 20, plan

    newcomer = people.bob()
    Membership.objects.create(room=long, user=newcomer)
    with CaptureQueriesContext(connection) as captured:
        assert [held.entry.unread for held in room_entries(newcomer)] == [LONG]
    plan = explain(captured[0]["sql"])
    assert "message_uncounted" in plan, plan
    assert connection.vendor == "sqlite" or blocks(plan) < 50, plan


def blocks(plan: str) -> int:
    root: dict[str, Any] = json.loads(plan)[0]["Plan"]
    return int(root["Shared Hit Blocks"] + root["Shared Read Blocks"])
