"""Undoing one import."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat.models import (
    File,
    ImportedMessage,
    ImportedPerson,
    ImportedRoom,
    ImportRun,
    Mention,
    Message,
    MessageVersion,
    Participant,
    Reaction,
    Room,
)
from chat.queries.message_states import message_states
from chat.services.file_taking import files_give_up
from chat.services.publishing import publish, take_rev
from chat.services.thread_roots import replies_removed
from chat.services.versions import versions_remove
from chat.signals import mark_access_changed

BATCH = 500


def import_undo(run: ImportRun) -> dict[str, int]:
    """Take back what a run wrote; returns the counts.

    A room that it made and that holds nothing else goes. In other rooms its messages become deleted places: numbers
    that were given out stay. People of the kind `imported` go with their last message.
    """
    counts = {"rooms": 0, "messages": 0, "people": 0}
    for place in ImportedRoom.objects.filter(run=run).select_related("room"):
        others = Message.objects.filter(room=place.room).exclude(imported__run=run).exists()
        if place.made and not others:
            counts["messages"] += _remove_room(place.room)
            counts["rooms"] += 1
    while rows := list(ImportedMessage.objects.filter(run=run).select_related("message")[:BATCH]):
        _delete([row.message for row in rows])
        counts["messages"] += len(rows)
    counts["people"] = _remove_people(run)
    ImportedRoom.objects.filter(run=run, messages__isnull=True).delete()
    run.state, run.ended_at = ImportRun.State.UNDONE, timezone.now()
    run.save(update_fields=["state", "ended_at"])
    return counts


def _remove_room(room: Room) -> int:
    with transaction.atomic():
        # First out of sight, then in parts: a room may hold millions.
        mark_access_changed(room.memberships.values_list("user_id", flat=True))
        room.memberships.all().delete()
        if room.kind != Room.Kind.DIRECT:
            room.kind = Room.Kind.PRIVATE
            room.save(update_fields=["kind"])
    count = 0
    while ids := list(Message.objects.filter(room=room).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            # The sweep deletes their bytes.
            File.objects.filter(message__in=ids).update(state=File.State.GONE, message=None)
            Message.objects.filter(pk__in=ids).delete()
        count += len(ids)
    room.delete()
    return count


@transaction.atomic
def _delete(messages: list[Message]) -> None:
    ids = [one.pk for one in messages]
    rooms = {room.pk: room for room in Room.objects.filter(messages__in=ids).distinct().order_by("pk")}
    locked = {room.pk: room for room in Room.objects.filter(pk__in=rooms).order_by("pk").select_for_update(no_key=True)}
    Reaction.objects.filter(message__in=ids).delete()
    Mention.objects.filter(message__in=ids).delete()
    versions_remove(MessageVersion.objects.filter(message__in=ids))
    for message in messages:
        room = locked[message.room_id]
        files_give_up(message)
        message.rev, message.text, message.deleted_at = take_rev(room), "", message.deleted_at or timezone.now()
    Message.objects.bulk_update(messages, ["rev", "text", "deleted_at", "file_count"])
    ImportedMessage.objects.filter(message__in=ids).delete()
    for room in locked.values():
        replies_removed(room, {one.thread for one in messages if one.thread is not None and one.room_id == room.pk})
        room.save(update_fields=["last_rev"])
    replies = [(one.room_id, one.thread) for one in messages if one.thread is not None]
    changed = Q(pk__in=ids)
    for room_id, seq in set(replies):
        changed |= Q(room_id=room_id, seq=seq)
    states = message_states(Message.objects.filter(changed).order_by("rev"))
    by_slug = {room.slug: room for room in locked.values()}
    publish([(by_slug[state.room], state) for state in states])


def _remove_people(run: ImportRun) -> int:
    made = Participant.objects.filter(
        pk__in=ImportedPerson.objects.filter(run=run).values("participant"), kind=Participant.Kind.IMPORTED, user=None
    )
    idle = made.filter(messages__isnull=True, memberships__isnull=True)
    ids = list(idle.values_list("pk", flat=True))
    # Whose file is not swept yet stays; another import finds them again.
    busy = {
        *Reaction.objects.filter(user__in=ids).values_list("user_id", flat=True),
        *File.objects.filter(uploader__in=ids).values_list("uploader_id", flat=True),
    }
    ids = [one for one in ids if one not in busy]
    ImportedPerson.objects.filter(run=run).exclude(participant__in=made.exclude(pk__in=ids)).delete()
    Participant.objects.filter(pk__in=ids).delete()
    return len(ids)
