"""The documents of the search index: written, replaced and removed, alike on both databases.

On SQLite triggers of the table keep its FTS5 index in step.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from chat.models import File, Reaction, SearchDocument
from chat.models.search import document_number
from chat.search.tokens import fact_tokens, room_token, text_tokens

_TABLE = SearchDocument._meta.db_table
# Replaced only when the tokens changed: a reaction to a message that has one already writes nothing.
_PUT = {
    "sqlite": f"INSERT INTO {_TABLE} (number, message_id, room_id, tokens) VALUES (%s, %s, %s, %s)"
    f" ON CONFLICT (number) DO UPDATE SET tokens = excluded.tokens WHERE {_TABLE}.tokens <> excluded.tokens",
    "postgresql": f"INSERT INTO {_TABLE} (number, message_id, room_id, tokens)"
    " SELECT number, message_id, room_id, array_to_tsvector(string_to_array(tokens, ' '))"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS fresh (number, message_id, room_id, tokens)"
    " ON CONFLICT (number) DO UPDATE SET tokens = excluded.tokens"
    f" WHERE {_TABLE}.tokens IS DISTINCT FROM excluded.tokens",
}
_OF_ROOM = {
    "sqlite": "SELECT rowid FROM chat_searchtokens WHERE chat_searchtokens MATCH %s LIMIT %s",
    "postgresql": f"SELECT number FROM {_TABLE} WHERE tokens @@ %s::tsquery LIMIT %s",
}
_QUOTE = {"sqlite": '"{}"', "postgresql": "'{}'"}


@dataclass(frozen=True, slots=True)
class Source:
    """What a document is made of: the columns of a message. `shown`: it can be found."""

    message_id: int
    room_id: int
    author_id: int
    text: str
    created_at: datetime
    shown: bool

    @property
    def number(self) -> int:
        """The number of its document."""
        return document_number(int(self.created_at.timestamp()), self.message_id)


def documents_of(sources: Sequence[Source]) -> list[tuple[int, int, int, str]]:
    """The rows of the documents of those messages that can be found. Two queries."""
    shown = [source for source in sources if source.shown]
    has = _facts([source.message_id for source in shown])
    return [
        (source.number, source.message_id, source.room_id, _tokens(source, has.get(source.message_id, ())))
        for source in shown
    ]


def documents_put(rows: Sequence[tuple[int, int, int, str]]) -> None:
    """Write these documents, or replace them."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PUT["postgresql"], [list(column) for column in zip(*rows, strict=True)])
        else:
            cursor.executemany(_PUT["sqlite"], rows)


def documents_drop(numbers: Iterable[int]) -> int:
    """Remove these documents; returns the number of those that existed."""
    wanted = list(numbers)
    if not wanted:
        return 0
    found = SearchDocument.objects.filter(number__in=wanted)
    return found._raw_delete(found.db)


def documents_of_room(room_id: int, *, most: int) -> list[int]:
    """Numbers of at most `most` documents of a room, by the index itself."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(_OF_ROOM[vendor], [_QUOTE[vendor].format(room_token(room_id)), most])
        return [number for (number,) in cursor.fetchall()]


def _tokens(source: Source, has: Iterable[str]) -> str:
    facts = fact_tokens(room_id=source.room_id, author_id=source.author_id, text=source.text, has=has)
    return " ".join(sorted(text_tokens(source.text) | facts))


def _facts(message_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    reacted = Reaction.objects.filter(message_id__in=message_ids).order_by().values_list("message_id", flat=True)
    for message_id in reacted.distinct():
        found[message_id].append("reaction")
    files = File.objects.stored().filter(message_id__in=message_ids).order_by().values_list("message_id", "media_type")
    for carrier, media_type in files.distinct():
        assert carrier
        found[carrier] += ["file", "image"] if media_type.startswith("image/") else ["file"]
    return found
