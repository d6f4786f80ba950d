"""The index of the search: the tokens of each message, and how far each room is indexed.

It holds nothing that is not in the messages: it can be filled again at any time (`manage.py search_index --rebuild`).
"""

from datetime import datetime
from typing import Any

from django.db import models

# Bits of a document's number that are the message's id; those above are the second it was posted in.
ID_BITS = 30
# Bits of the second that are left out of the number of a period: 12 days.
SECOND_BITS = 20
# Bits of a document's number below that of its period.
PERIOD_BITS = ID_BITS + SECOND_BITS
_ID_MASK = (1 << ID_BITS) - 1
_LARGEST = 2**63 - 1
# FTS5 returns the least row first: the row of a second is its distance to the year 2242, the newest first.
LAST_SECOND = 1 << 33
# Before each term of the index, and in no token: FTS5 and `tsvector` look up the terms of one period alone.
PERIOD_PREFIXES = {"postgresql": "to_hex({}) || '!'", "sqlite": "printf('%%x!', {})"}
_PREFIX = PERIOD_PREFIXES["postgresql"].format(f"number >> {PERIOD_BITS}")
# What GIN holds of a document; exactly as in the migration that made the index.
GIN_TERMS = f"array_to_tsvector(string_to_array({_PREFIX} || replace(tokens, ' ', ' ' || {_PREFIX}), ' '))"


def document_number(posted_second: int, message_id: int) -> int:
    """The number of a message's document: newer messages have greater ones, so that a range of numbers is a span of
    time, and the order of the index is that of the results. The same numbers recur after 2^30 messages of one second.
    """
    return (posted_second << ID_BITS) | (message_id & _ID_MASK)


def first_number(posted: datetime) -> int:
    """The least number of the documents of messages that were posted at this moment or later; one that fits 64 bits,
    also for a year that no message is from."""
    return max(-_LARGEST, min(document_number(int(posted.timestamp()), 0), _LARGEST))


def period_prefix(posted_second: int) -> str:
    """What each term of a second begins with in FTS5, as PERIOD_PREFIXES has it for SQLite."""
    return f"{(posted_second >> SECOND_BITS) & (1 << 64) - 1:x}!"


class NumberField(models.BigIntegerField):  # type: ignore[type-arg]
    """A primary key of 64 bits that is SQLite's own row id: no index beside the table."""

    def db_type(self, connection: Any) -> str | None:
        """The column's type."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class SearchDocument(models.Model):
    """The tokens of one message that can be found, with spaces between. The GIN index of PostgreSQL and the FTS5 table
    of SQLite are in the migrations; a row of FTS5 has the tokens of all messages of one second, which makes it half as
    large.

    `message_id` and `room_id` are no foreign keys, so that writing and deleting messages costs nothing here; what is
    left without a message is not found, and is removed by `chat.services.search_index`.
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
    """How far a room is indexed: changes up to `rev`, and of the messages from before the cursor those from
    `back_seq` on. Documents of messages before `cleared_seq` are removed. `version`: of the tokens."""

    # Stays when the room is deleted: it names the documents to remove.
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
