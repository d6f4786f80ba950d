"""Documents of the search index: writing, replacing and removing them, in the same way on both databases.

On SQLite an FTS5 row has the tokens of all documents of one second. It is updated with them, by comparing the
second's tokens before and after.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from chat.models import File, Message, Reaction, SearchDocument
from chat.models.search import ID_BITS, LAST_SECOND, document_number, period_prefix
from chat.queries.search_lookup import NO_END, Wanted, Within, looked_up
from chat.search.tokens import IN_THREAD, Term, fact_tokens, room_token, text_tokens
from chat.services.sql_pipeline import among, select_together

_TABLE = SearchDocument._meta.db_table
_MESSAGES, _REACTIONS, _FILES = (model._meta.db_table for model in (Message, Reaction, File))
# Replaced only if the tokens changed: another reaction to a message that has one writes nothing.
_PUT = {
    "sqlite": f"INSERT INTO {_TABLE} (number, message_id, room_id, tokens) VALUES (%s, %s, %s, %s)"
    f" ON CONFLICT (number) DO UPDATE SET tokens = excluded.tokens WHERE {_TABLE}.tokens <> excluded.tokens",
    "postgresql": f"INSERT INTO {_TABLE} (number, message_id, room_id, tokens)"
    " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])"
    f" ON CONFLICT (number) DO UPDATE SET tokens = excluded.tokens WHERE {_TABLE}.tokens <> excluded.tokens",
}
_OF_SECONDS = (
    f"SELECT number >> {ID_BITS}, tokens FROM json_each(%s) AS second CROSS JOIN {_TABLE}"
    f" ON number >= second.value << {ID_BITS} AND number < (second.value + 1) << {ID_BITS}"
)
# Pages that one step of packing writes: about 10 ms with SQLite's only write lock.
_PACK_PAGES = 250


@dataclass(frozen=True, slots=True)
class Source:
    """The columns of a message that its document is made of. `shown`: searches can find it."""

    message_id: int
    room_id: int
    author_id: int
    text: str
    created_at: datetime
    shown: bool
    in_thread: bool = False

    @property
    def number(self) -> int:
        """The number of the document."""
        return document_number(int(self.created_at.timestamp()), self.message_id)


def documents_of(sources: Sequence[Source]) -> list[tuple[int, int, int, str]]:
    """The document rows of those messages that can be found. Three queries, on PostgreSQL in one round trip."""
    shown = [source for source in sources if source.shown]
    has = _facts([source.message_id for source in shown])
    return [
        (source.number, source.message_id, source.room_id, _tokens(source, has.get(source.message_id, ())))
        for source in shown
    ]


def documents_put(rows: Sequence[tuple[int, int, int, str]]) -> None:
    """Insert or replace these documents."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PUT["postgresql"], [list(column) for column in zip(*rows, strict=True)])
            return
        with transaction.atomic(), _seconds_kept(row[0] for row in rows):
            cursor.executemany(_PUT["sqlite"], rows)


def documents_drop(numbers: Iterable[int]) -> int:
    """Remove these documents; returns how many existed."""
    wanted = list(numbers)
    if not wanted:
        return 0
    found = SearchDocument.objects.filter(number__in=wanted)
    if connection.vendor == "postgresql":
        return found._raw_delete(found.db)
    with transaction.atomic(), _seconds_kept(wanted):
        return found._raw_delete(found.db)


def documents_of_room(room_id: int, *, most: int) -> list[int]:
    """The numbers of at most `most` documents of a room, read from the index itself."""
    everywhere = Within(-NO_END, NO_END, ("+room_id = %s", [room_id]))
    return [number for number, _ in looked_up(Wanted([Term(room_token(room_id))]), everywhere, most)]


def documents_pack() -> Iterator[None]:
    """Merge the segments of the index on SQLite, which drops the words of deleted messages; one step at a time, so that
    a server can write between two steps."""
    pages = -_PACK_PAGES
    while True:
        with connection.cursor() as cursor:
            before = connection.connection.total_changes
            cursor.execute("INSERT INTO chat_searchtokens (chat_searchtokens, rank) VALUES ('merge', %s)", [pages])
            # FTS5's sign that there is nothing left to merge.
            if connection.connection.total_changes - before < 2:
                return
        pages = _PACK_PAGES
        yield


@contextmanager
def _seconds_kept(numbers: Iterable[int]) -> Iterator[None]:
    """Update FTS5 with the changes that the block makes to documents in these numbers' seconds."""
    # In row order: FTS5 starts a new segment at each smaller row id.
    seconds = sorted({number >> ID_BITS for number in numbers}, reverse=True)
    before = _tokens_of_seconds(seconds)
    yield
    after = _tokens_of_seconds(seconds)
    with connection.cursor() as cursor:
        for second in seconds:
            had, has = before.get(second), after.get(second)
            if had == has:
                continue
            # FTS5 counts its rows: always remove an existing row and insert it again, even without tokens.
            if had is not None:
                cursor.execute(
                    "INSERT INTO chat_searchtokens (chat_searchtokens, rowid, tokens) VALUES ('delete', %s, %s)",
                    _row(second, had - (has or set())),
                )
            if has is not None:
                cursor.execute(
                    "INSERT INTO chat_searchtokens (rowid, tokens) VALUES (%s, %s)",
                    _row(second, has - (had or set())),
                )


def _row(second: int, tokens: Iterable[str]) -> tuple[int, str]:
    """The FTS5 row id of a second, and its terms for these tokens."""
    prefix = period_prefix(second)
    return LAST_SECOND - second, " ".join(prefix + token for token in tokens)


def _tokens_of_seconds(seconds: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_OF_SECONDS, [json.dumps(seconds)])
        for second, tokens in cursor:
            found[second].update(tokens.split())
    return found


def _tokens(source: Source, has: Iterable[str]) -> str:
    facts = fact_tokens(room_id=source.room_id, author_id=source.author_id, text=source.text, has=has)
    if source.in_thread:
        facts.add(IN_THREAD)
    return " ".join(sorted(text_tokens(source.text) | facts))


def _facts(message_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    if not message_ids:
        return {}
    of_these, messages = among("message_id", message_ids)
    themselves, _ = among("id", message_ids)
    reacted, pinned, carrying = select_together(
        (f"SELECT DISTINCT message_id FROM {_REACTIONS} WHERE {of_these}", messages),
        (f"SELECT id FROM {_MESSAGES} WHERE {themselves} AND pinned_at IS NOT NULL", messages),
        (
            f"SELECT DISTINCT message_id, media_type FROM {_FILES} WHERE {of_these} AND state = %s",
            [*messages, File.State.READY.value],
        ),
    )
    found: dict[int, list[str]] = defaultdict(list)
    for (message_id,) in reacted:
        found[message_id].append("reaction")
    for (message_id,) in pinned:
        found[message_id].append("pin")
    for message_id, media_type in carrying:
        found[message_id] += ["file", "image"] if media_type.startswith("image/") else ["file"]
    return found
