"""Undoing one import."""

import getpass

from django.db import transaction
from django.utils import timezone

from chat.models import (
    File,
    ImportedMessage,
    ImportedPerson,
    ImportedRoom,
    ImportRun,
    Message,
    Participant,
    Reaction,
    Room,
)
from chat.protocol.errors import ChatError, Code
from chat.services.emptying import messages_empty
from chat.services.legal_holds import held
from chat.services.room_deletion import room_ended
from chat.signals import mark_access_changed

BATCH = 500


def import_undo(run: ImportRun) -> dict[str, int]:
    """Undo what a run wrote; returns the counts.

    Deletes a room that the run created if it holds nothing else. In other rooms its messages become deleted messages,
    because assigned numbers never change. People of kind `imported` are deleted with their last message.

    Raises:
        ChatError: `conflict` when a legal hold covers one of its messages; nothing was changed.
    """
    if Message.objects.filter(held(), imported__run=run).exists():
        raise ChatError(Code.CONFLICT, "A legal hold covers messages of this import. It can be undone when that ends.")
    counts = {"rooms": 0, "messages": 0, "people": 0}
    for place in ImportedRoom.objects.filter(run=run).select_related("room"):
        others = Message.objects.filter(room=place.room).exclude(imported__run=run).exists()
        if place.made and not others:
            counts["messages"] += _remove_room(place.room)
            counts["rooms"] += 1
    for room in Room.objects.filter(imported__messages__run=run).distinct():
        counts["messages"] += _empty(room, run)
    counts["people"] = _remove_people(run)
    ImportedRoom.objects.filter(run=run, messages__isnull=True).delete()
    run.state, run.ended_at = ImportRun.State.UNDONE, timezone.now()
    run.save(update_fields=["state", "ended_at"])
    return counts


def _remove_room(room: Room) -> int:
    with transaction.atomic():
        # Hide the room first, then delete in batches: a room may have millions of messages.
        mark_access_changed(room.memberships.values_list("user_id", flat=True))
        room.memberships.all().delete()
        if room.kind != Room.Kind.DIRECT:
            room.kind = Room.Kind.PRIVATE
            room.save(update_fields=["kind"])
    count = 0
    while ids := list(Message.objects.filter(room=room).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            # The sweep deletes the files' bytes.
            File.objects.filter(message__in=ids).update(state=File.State.GONE, message=None)
            Message.objects.filter(pk__in=ids).delete()
        count += len(ids)
    with transaction.atomic():
        room_ended(room, actor=getpass.getuser())
        room.delete()
    return count


def _empty(room: Room, run: ImportRun) -> int:
    """Turn the run's messages in a remaining room into deleted ones, in batches; each is published to open pages."""
    count = 0
    while messages := list(Message.objects.filter(room=room, imported__run=run).order_by("seq")[:BATCH]):
        with transaction.atomic():
            messages_empty(room, messages)
            ImportedMessage.objects.filter(message__in=[one.pk for one in messages]).delete()
        count += len(messages)
    return count


def _remove_people(run: ImportRun) -> int:
    made = Participant.objects.filter(
        pk__in=ImportedPerson.objects.filter(run=run).values("participant"), kind=Participant.Kind.IMPORTED, user=None
    )
    idle = made.filter(messages__isnull=True, memberships__isnull=True)
    ids = list(idle.values_list("pk", flat=True))
    # People with a file that is not swept yet stay; another import finds them again.
    busy = {
        *Reaction.objects.filter(user__in=ids).values_list("user_id", flat=True),
        *File.objects.filter(uploader__in=ids).values_list("uploader_id", flat=True),
    }
    ids = [one for one in ids if one not in busy]
    ImportedPerson.objects.filter(run=run).exclude(participant__in=made.exclude(pk__in=ids)).delete()
    Participant.objects.filter(pk__in=ids).delete()
    return len(ids)
