"""Emptying messages in batches. `seq` and client ids stay: nothing is renumbered, and no late retry posts again."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from chat.models import File, Mention, Message, MessageVersion, Preview, Reaction, Room
from chat.queries.message_states import message_states
from chat.services.forwarding import forwards_end
from chat.services.pin_lists import pins_end
from chat.services.publishing import publish, take_rev
from chat.services.thread_roots import replies_removed
from chat.services.uncounted import uncounted_add
from chat.services.versions import versions_remove


@transaction.atomic
def messages_empty(room: Room, messages: Sequence[Message]) -> None:
    """Turn these messages of one room into deleted ones, without text, files, reactions, mentions and earlier texts.
    Publishes each of them to the room's open sockets."""
    locked = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
    ids = [one.pk for one in messages]
    # Read again under the lock: one of them may have been deleted since.
    counting = Message.objects.filter(pk__in=ids, system__isnull=True, deleted_at=None, in_room=True)
    uncounted_add(locked, counting.values_list("seq", flat=True))
    Reaction.objects.filter(message__in=ids).delete()
    Mention.objects.filter(message__in=ids).delete()
    Preview.objects.filter(message__in=ids).delete()
    versions_remove(MessageVersion.objects.filter(message__in=ids))
    File.objects.filter(message__in=ids).update(state=File.State.GONE, message=None)
    forwards_end(messages)
    now = timezone.now()
    for message in messages:
        message.rev, message.text, message.deleted_at = take_rev(locked), "", now
        message.file_count = message.preview_count = 0
        message.pinned_at = message.pinned_by = None
    emptied = ["rev", "text", "deleted_at", "file_count", "preview_count", "pinned_at", "pinned_by", "forwarded"]
    Message.objects.bulk_update(messages, emptied)
    roots = replies_removed(locked, {one.thread for one in messages if one.thread is not None})
    locked.save(update_fields=["last_rev"])
    # A root that was emptied itself is in both lists, with the same state.
    changed = {root.seq for root in roots}
    ended = pins_end(locked, {message.seq for message in messages})
    seen = Message.objects.filter(pk__in=ids, seq__gte=locked.cleared_before_seq).order_by("rev")
    states = (*message_states(seen.exclude(seq__in=changed)), *roots)
    publish([*((locked, state) for state in states), *ended])
