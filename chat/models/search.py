"""The search index: the tokens of each message, and how far each room is indexed.

It holds nothing that is not in the messages, so it can be rebuilt at any time (`manage.py search_index --rebuild`).
"""

from datetime import datetime
from typing import Any

from django.db import models

# Low bits of a document's number: the message's id. The bits above are the second it was posted in.
ID_BITS = 30
# Bits of the second that a period's number drops: a period is 12 days.
SECOND_BITS = 20
# Bits of a document's number below the number of its period.
PERIOD_BITS = ID_BITS + SECOND_BITS
_ID_MASK = (1 << ID_BITS) - 1
_LARGEST = 2**63 - 1
# FTS5 returns the lowest row id first: a second's row id is its distance to the year 2242, so the newest comes first.
LAST_SECOND = 1 << 33
# Prefix of each term in the index, contained in no token: FTS5 and `tsvector` look up the terms of one period only.
PERIOD_PREFIXES = {"postgresql": "to_hex({}) || '!'", "sqlite": "printf('%%x!', {})"}
_PREFIX = PERIOD_PREFIXES["postgresql"].format(f"number >> {PERIOD_BITS}")
# The GIN expression of a document; it must equal the one in the migration that created the index.
GIN_TERMS = f"array_to_tsvector(string_to_array({_PREFIX} || replace(tokens, ' ', ' ' || {_PREFIX}), ' '))"


def document_number(posted_second: int, message_id: int) -> int:
    """The number of a message's document. Newer messages have higher numbers, so a range of numbers is a span of time,
    and the index has the order of the results. Numbers repeat only after 2^30 messages in one second."""
    return (posted_second << ID_BITS) | (message_id & _ID_MASK)


def first_number(posted: datetime) -> int:
    """The lowest document number of messages posted at this moment or later, limited to 64 bits for years that no
    message is from."""
    return max(-_LARGEST, min(document_number(int(posted.timestamp()), 0), _LARGEST))


def period_prefix(posted_second: int) -> str:
    """The prefix of each term of a second in FTS5, as in PERIOD_PREFIXES for SQLite."""
    return f"{(posted_second >> SECOND_BITS) & (1 << 64) - 1:x}!"


class NumberField(models.BigIntegerField):  # type: ignore[type-arg]
    """A primary key of 64 bits that is SQLite's own row id: it needs no index beside the table."""

    def db_type(self, connection: Any) -> str | None:
        """The column's type."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class SearchDocument(models.Model):
    """The tokens of one searchable message, separated by spaces. The migrations create PostgreSQL's GIN index and
    SQLite's FTS5 table; an FTS5 row holds the tokens of all messages of one second, which halves its size.

    `message_id` and `room_id` are not foreign keys, so that writing and deleting messages costs nothing here; documents
    without a message are not found, and `chat.services.search_index` removes them.
    """

    number = NumberField(primary_key=True)
    message_id = models.BigIntegerField()
    room_id = models.BigIntegerField()
    tokens = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.message_id)


class SearchCursor(models.Model):
    """How far a room is indexed: changes up to `rev`, and of the messages older than the cursor those from `back_seq`
    on. Documents of messages before `cleared_seq` are removed. `version`: the version of the tokens."""

    # The row stays when the room is deleted: it identifies the documents to remove.
    room = models.OneToOneField(
        "chat.Room",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="search_cursor",
    )
    rev = models.PositiveBigIntegerField()
    back_seq = models.PositiveBigIntegerField()
    cleared_seq = models.PositiveBigIntegerField()
    version = models.CharField(max_length=16)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["room"], condition=models.Q(back_seq__gt=1), name="search_unfilled")]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.rev}"
