"""The search index: each searchable message has a document, and each document a message."""

from collections.abc import Iterator

from django.db.models import F, QuerySet

from chat.models import Message, Room, SearchDocument
from chat.models.search import document_number
from chat.services.data_checks.finding import Finding
from chat.services.search_index import index_room_again

CHECK = "search index"
# Messages whose documents are looked up in one query.
_STEP = 500


def check_index(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Count messages without a document in rooms that are indexed to the end. Repair marks the room as not indexed:
    the server, or `manage.py search_index`, then fills it again."""
    indexed = rooms.filter(search_cursor__rev=F("last_rev"), search_cursor__back_seq__lte=1)
    indexed = indexed.filter(search_cursor__cleared_seq=F("cleared_before_seq"))
    for room in indexed.order_by("pk").iterator():
        missing = sum(_missing(room))
        # If the room has changed, concurrent posting explains the difference.
        if missing and Room.objects.filter(pk=room.pk, last_rev=room.last_rev).exists():
            if repair:
                index_room_again(room)
            text = f"{missing} messages are not in the index: a search does not find them."
            yield Finding(CHECK, room.slug, text, repaired=repair)
    for room in rooms.filter(search_cursor__rev__gt=F("last_rev")).iterator():
        if repair:
            index_room_again(room)
        yield Finding(
            CHECK, room.slug, "The index is ahead of the room: new messages are not indexed.", repaired=repair
        )


def _missing(room: Room) -> Iterator[int]:
    after = room.cleared_before_seq - 1
    shown = Message.objects.filter(room=room, kind=Message.Kind.TEXT, deleted_at=None)
    while step := list(shown.filter(seq__gt=after).order_by("seq").values_list("seq", "pk", "created_at")[:_STEP]):
        after = step[-1][0]
        wanted = {document_number(int(posted.timestamp()), pk) for _, pk, posted in step}
        yield len(wanted) - SearchDocument.objects.filter(number__in=wanted).count()
