"""Which messages were imported, and from which chat."""

from collections.abc import Sequence

from django.db import models

from chat.lib.prepared_queries import SIZES, PreparedManyLists, numbers
from chat.models import ImportedMessage, Membership


def imports_of(message_ids: Sequence[int]) -> dict[int, str]:
    """The formats of the exports that these messages come from, by message id; others are left out. One query, none for
    no messages."""
    if len(message_ids) <= SIZES[-1]:
        return dict(_FORMATS.all(message_ids))
    return dict(_formats(message_ids))


def _formats(message_ids: Sequence[int]) -> models.QuerySet[ImportedMessage, tuple[int, str]]:
    return ImportedMessage.objects.filter(message__in=message_ids).values_list("message_id", "place__format")


_FORMATS = PreparedManyLists(_formats, numbers)


def read_beyond(room_id: int, seq: int) -> dict[int, int]:
    """How far the members of the room have read who have read `seq`, by the ids of their participants. One query."""
    return dict(Membership.objects.filter(room=room_id, read_seq__gte=seq).values_list("user_id", "read_seq"))
