"""Imported messages as database rows: everything that is known before they are numbered."""

import functools
import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import connection

from chat.importing.stream import Message, Notes
from chat.importing.words import joined
from chat.models import File, ImportedMessage, Mention, Reaction, Room
from chat.models import Message as Row
from chat.protocol.emoji import named, one_form
from chat.services.imports.files import NOBODY, file_line
from chat.services.imports.people import People
from chat.services.mentions import named_in
from chat.services.sql_pipeline import inserting, updating

Who = TypeVar("Who", bound=Hashable)
Adapter = Callable[[datetime | None], Any]
EMOJI_MAX = 32
TOPIC_MAX = 255
# Raw SQL: through the ORM a message costs 1.5 ms, of which the database takes 0.3 ms.
MESSAGES = inserting(
    Row._meta.db_table,
    {
        "id": "bigint",
        "room_id": "bigint",
        "seq": "bigint",
        "rev": "bigint",
        "kind": "text",
        "author_id": "bigint",
        "text": "text",
        "reply_to": "bigint",
        "thread": "bigint",
        "in_room": "boolean",
        "file_count": "smallint",
        "reply_count": "integer",
        "created_at": "timestamptz",
        "edited_at": "timestamptz",
        "deleted_at": "timestamptz",
        "client_digest": "text",
    },
)
NOTED = inserting(
    ImportedMessage._meta.db_table,
    {
        "message_id": "bigint",
        "place_id": "bigint",
        "run_id": "bigint",
        "source": "text",
        "in_thread": "boolean",
        "topic": "text",
    },
)
REACTIONS = inserting(Reaction._meta.db_table, {"message_id": "bigint", "user_id": "bigint", "emoji": "text"})
MENTIONS = inserting(
    Mention._meta.db_table, {"message_id": "bigint", "user_id": "bigint", "room_id": "bigint", "seq": "bigint"}
)
TAKEN = updating(File._meta.db_table, {"message_id": "bigint", "position": "bigint", "id": "bigint"})
NUMBERS = updating(Room._meta.db_table, {"last_seq": "bigint", "last_rev": "bigint", "id": "bigint"})


@dataclass(slots=True)
class Ready:
    """A message whose people exist, with its times in the database's format."""

    message: Message
    author: int
    text: str
    named: list[str]
    at: Any
    edited: Any
    # (person, emoji), without duplicates: two people of the export may be the same person here.
    reactions: dict[tuple[int, str], None]


def persons_in(messages: Iterable[Message]) -> Iterator[str]:
    """The people who wrote these messages or reacted to them, with duplicates."""
    for one in messages:
        yield one.author or NOBODY
        for people in one.reactions.values():
            yield from people


def ready(one: Message, people: People, notes: Notes, adapted: Adapter) -> Ready:
    """The message, ready to be numbered. `adapted`: from `time_adapter`."""
    at = adapted(one.at)
    text = "" if one.deleted else joined([one.text, *map(file_line, one.files)]) if one.files else one.text
    return Ready(
        one,
        people.id_of(one.author or NOBODY),
        text,
        named_in(text) if "@" in text else [],
        at,
        at if one.edited is True else adapted(one.edited),
        reactions_of(one, people.id_of, notes) if one.reactions and not one.deleted else {},
    )


def time_adapter() -> Adapter:
    """A function that converts a UTC time to the database's format. Django's own conversion handles time zones, which
    takes 4 µs on SQLite; and checking the database's vendor takes 1 µs, so this does it only once."""
    if connection.vendor == "sqlite" and connection.timezone is UTC:
        return _as_text
    adapt: Adapter = connection.ops.adapt_datetimefield_value
    return adapt


def _as_text(at: datetime | None) -> str | None:
    return str(at.replace(tzinfo=None)) if at else None


def as_json(value: Any) -> Any:
    """A JSON column's value as a parameter of `sql_pipeline`: PostgreSQL gets all parameters as one JSON document."""
    return value if connection.vendor == "postgresql" else json.dumps(value)


def reactions_of(one: Message, who: Callable[[str], Who], notes: Notes) -> dict[tuple[Who, str], None]:
    """The reactions to a message, without duplicates; `who` maps a person of the export."""
    found: dict[tuple[Who, str], None] = {}
    for sign, persons in one.reactions.items():
        emoji = _one_form(sign)
        if not emoji or len(emoji) > EMOJI_MAX:
            notes.lose("reaction", "is no emoji, but words", one.place)
            continue
        for person in persons:
            found[who(person), emoji] = None
    return found


def emoji_of(reactions: Iterable[tuple[object, str]]) -> Iterator[str]:
    """The names of custom emoji, with duplicates."""
    for _, emoji in reactions:
        if emoji[0] == ":" and (name := named(emoji)):
            yield name


_one_form = functools.lru_cache(maxsize=4096)(one_form)
