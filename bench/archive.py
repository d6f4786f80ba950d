"""Databases with a long history: one large room and 499 smaller ones."""

import functools
from collections.abc import Sequence

import psycopg
from psycopg import sql

from bench.progress import say
from bench.servers import World, populated

ROOMS = 500
# Rooms of a large workspace: with twenty, PostgreSQL would choose other plans.
PEOPLE = 500
# Messages of each person, at least; a smaller workspace has fewer people.
MESSAGES_EACH = 100
AT_ONCE = 250_000
# A smaller room has this many times fewer messages than the large one.
SMALLER = 5_000
# Messages between two mentions, and between two reactions.
MENTION_EVERY, REACTION_EVERY = 100, 50
# Unread messages of person0 in each room.
UNREAD = 20

_MESSAGES = """
INSERT INTO chat_message (room_id, seq, rev, kind, author_id, text, created_at, client_id, client_digest)
SELECT room.id, n, n, 'text', people.ids[1 + n %% cardinality(people.ids)], repeat('x', 100),
       now() - (room.last_seq - n) * interval '1 second', md5(room.id || ':' || n), md5(n::text)
FROM (SELECT array_agg(id) AS ids FROM chat_participant) people, chat_room room,
     generate_series(%(low)s::int, %(high)s::int) n
WHERE room.slug LIKE 'room-%%' AND n <= room.last_seq AND (room.slug = 'room-0' OR %(low)s = 1)
"""
_MENTIONS = f"""
INSERT INTO chat_mention (message_id, user_id, room_id, seq)
SELECT id, people.ids[1 + (seq / {MENTION_EVERY}) %% cardinality(people.ids)], room_id, seq
FROM chat_message, (SELECT array_agg(id) AS ids FROM chat_participant) people WHERE seq %% {MENTION_EVERY} = 0
"""
_REACTIONS = f"""
INSERT INTO chat_reaction (message_id, user_id, emoji)
SELECT id, author_id, '+1' FROM chat_message WHERE seq %% {REACTION_EVERY} = 0
"""
_TABLES = ("chat_message", "chat_mention", "chat_reaction")


@functools.cache
def archive(messages: int) -> str:
    """The URL of a database whose largest room holds this number of messages."""
    people = min(PEOPLE, messages // MESSAGES_EACH)
    url, _ = populated("postgresql", World(people=people, rooms=ROOMS, everywhere=True))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """UPDATE chat_room SET last_seq = n, last_rev = n
               FROM (SELECT id, CASE slug WHEN 'room-0' THEN %(all)s ELSE greatest(%(all)s / %(smaller)s, 10) END AS n
                     FROM chat_room WHERE slug LIKE 'room-%%') sizes WHERE chat_room.id = sizes.id""",
            {"all": messages, "smaller": SMALLER},
        )
        connection.execute(
            f"""UPDATE chat_membership SET read_seq = greatest(last_seq - {UNREAD}, 0)
                FROM chat_room WHERE chat_room.id = room_id"""
        )
        again = without_indexes(connection, _TABLES)
        for low in range(1, messages + 1, AT_ONCE):
            high = min(low + AT_ONCE - 1, messages)
            connection.execute(_MESSAGES, {"low": low, "high": high})
            say(f"filling a room: {high:,} of {messages:,} messages")
        connection.execute(_MENTIONS, {})
        connection.execute(_REACTIONS, {})
        say(f"indexing a room of {messages:,} messages")
        for statement in again:
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
    return url


def without_indexes(connection: psycopg.Connection, tables: Sequence[str]) -> list[sql.Composed]:
    """Drop the indexes and constraints of these tables, which would be updated row by row; returns the statements that
    create them again."""
    constraints = connection.execute(
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('u', 'f') ORDER BY contype DESC""",
        [list(tables)],
    ).fetchall()
    for table, name, _ in constraints:
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name))
        )
    indexes = connection.execute(
        """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
           WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary""",
        [list(tables)],
    ).fetchall()
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    return [
        *(sql.SQL(definition).format() for _, definition in indexes),
        *(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                sql.Identifier(table), sql.Identifier(name), sql.SQL(definition)
            )
            for table, name, definition in constraints
        ),
    ]
