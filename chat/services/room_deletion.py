"""Permanent deletion of an archived room, a week after the request. Until then the room can be restored as usual.

A room may have a million messages, so they are deleted in small transactions, which make no one wait. The search
index deletes its documents in its own sweep.
"""

import getpass
import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat.access import access_room
from chat.models import AuditEntry, File, Membership, Message, MessageVersion, Participant, Room
from chat.protocol.errors import ChatError, Code
from chat.rules import Action
from chat.services.audit import audit
from chat.services.forwarding import forwards_end
from chat.services.legal_holds import held
from chat.services.pictures import picture_give_up
from chat.services.versions import versions_remove
from chat.signals import mark_access_changed

logger = logging.getLogger(__name__)

GRACE = timedelta(days=7)
# Rows per transaction.
BATCH = 200


@transaction.atomic
def room_delete(*, user: Participant, room: str, name: str) -> Room:
    """Schedule an archived room for deletion after GRACE. For staff in the administration; the caller has checked that.

    Args:
        name: the room's title or address, as the person typed it.

    Raises:
        ChatError: `not_found`, `forbidden` (not archived, a conversation, a legal hold, the room of an object),
            `invalid` (another name).
    """
    found = access_room(user=user, slug=room, action=Action.SETTINGS, lock=True, via_admin=True).room
    if not found.archived:
        raise ChatError(Code.FORBIDDEN, "Archive the room first: until it is deleted it can be brought back.")
    if name.strip().removeprefix("#") not in {found.slug, found.title}:
        raise ChatError(Code.INVALID, "That is not the name of this room.", fields={"name": "is another"})
    if _is_held(found):
        raise ChatError(Code.FORBIDDEN, "A legal hold keeps this room, or what somebody wrote in it.")
    if found.delete_at is None:
        found.delete_at = timezone.now() + GRACE
        found.save(update_fields=["delete_at"])
        audit(actor=user, action=AuditEntry.Action.ROOM, room=found.slug, facts={"deleted": True})
    return found


@transaction.atomic
def room_keep(*, user: Participant, room: str) -> None:
    """Cancel the deletion; the room stays archived.

    Raises:
        ChatError: `not_found`, `forbidden` (the week is over).
    """
    found = access_room(user=user, slug=room, action=Action.SETTINGS, lock=True, via_admin=True).room
    if found.delete_at is None:
        return
    if found.is_going:
        raise ChatError(Code.FORBIDDEN, "This room is being deleted.")
    found.delete_at = None
    found.save(update_fields=["delete_at"])
    audit(actor=user, action=AuditEntry.Action.ROOM, room=found.slug, facts={"deleted": False})


def rooms_delete() -> int:
    """Delete the rooms whose week is over; returns how many. Can be interrupted at any time, and run in several
    processes."""
    done = 0
    for room in Room.objects.filter(delete_at__lte=timezone.now(), archived=True).order_by("pk"):
        if _is_held(room):
            logger.warning("A room is kept by a legal hold, which began after it was to be deleted.")
            continue
        while _delete_messages(room) or _delete_members(room):
            pass
        done += _delete_room(room)
    return done


def room_ended(room: Room, *, actor: str) -> None:
    """Write an audit entry, in the deletion's transaction, that the room with this name has ended. Later entries belong
    to another room."""
    audit(actor=actor, action=AuditEntry.Action.ROOM, room=room.slug, target=room.slug, facts={"deleted": True})


def _is_held(room: Room) -> bool:
    # An ended hold still refers to its room.
    return room.holds.exists() or Message.objects.filter(held(), room=room).exists()


@transaction.atomic
def _delete_messages(room: Room) -> int:
    """Delete the next messages with everything that belongs to them; returns how many."""
    rows = Message.objects.filter(room=room).order_by("seq").select_for_update(of=("self",), skip_locked=True)
    messages = list(rows[:BATCH])
    ids = [message.pk for message in messages]
    # The sweep of files deletes the bytes that no other message shares.
    File.objects.filter(message__in=ids).update(state=File.State.GONE, message=None)
    versions_remove(MessageVersion.objects.filter(message__in=ids))
    forwards_end(messages)
    Message.objects.filter(pk__in=ids).delete()
    return len(messages)


@transaction.atomic
def _delete_members(room: Room) -> int:
    members = dict(Membership.objects.filter(room=room).order_by("pk").values_list("pk", "user_id")[:BATCH])
    Membership.objects.filter(pk__in=members).delete()
    # Otherwise their sockets would keep the room until they close.
    mark_access_changed(members.values())
    return len(members)


@transaction.atomic
def _delete_room(room: Room) -> int:
    """Delete the room itself, unless another process is still deleting its last messages."""
    found = Room.objects.select_for_update().filter(pk=room.pk).first()
    if found is None or Message.objects.filter(room=found).exists():
        return 0
    picture_give_up(found.picture)
    room_ended(found, actor=getpass.getuser())
    found.delete()
    return 1
