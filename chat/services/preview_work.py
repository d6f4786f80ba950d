"""Puts messages with addresses into the queue of link previews."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from chat.models import PreviewWork

# A leased message is due again after this time, because its process may have been killed.
LEASE = timedelta(seconds=60)


def work_want(places: Iterable[tuple[int, int]], *, at: datetime) -> None:
    """Put these messages (room id, seq) into the queue. One query, or none if previews are off."""
    if settings.CHAT_PREVIEWS:
        PreviewWork.objects.bulk_create(PreviewWork(room_id=room_id, seq=seq, due_at=at) for room_id, seq in places)
