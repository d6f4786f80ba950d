"""Which messages were imported, and from which chat service; and how far members have read."""

from collections.abc import Sequence

from django.db import models

from chat.lib.prepared_queries import SIZES, PreparedManyLists, numbers
from chat.models import ImportedMessage, Membership


def imports_of(message_ids: Sequence[int]) -> dict[int, str]:
    """Return the export formats that these messages were imported from, by message id; other messages are left out. One
    query, none for no messages."""
    if len(message_ids) <= SIZES[-1]:
        return dict(_FORMATS.all(message_ids))
    return dict(_formats(message_ids))


def _formats(message_ids: Sequence[int]) -> models.QuerySet[ImportedMessage, tuple[int, str]]:
    return ImportedMessage.objects.filter(message__in=message_ids).values_list("message_id", "place__format")


_FORMATS = PreparedManyLists(_formats, numbers)


def read_beyond(room_id: int, seq: int) -> dict[int, int]:
    """Return the `read_seq` of the members who have read at least up to `seq`, by participant id. One query."""
    return dict(Membership.objects.filter(room=room_id, read_seq__gte=seq).values_list("user_id", "read_seq"))
