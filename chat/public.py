"""The Python API for the project around the chat: from views, commands, signals and workers.

Every function writes in the caller's transaction: its changes are committed or rolled back with it. Open sockets
receive them after the commit, on every process: at once if the caller's process has sockets itself, within 2 s if it
has none, as in a worker. `who` is a participant, or a user of any user model.
"""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model

from chat.identity.participants import participant_of
from chat.lib.oneline import repaired
from chat.models import Membership, Participant, Room, RoomBinding
from chat.protocol.errors import ChatError as Refused
from chat.protocol.errors import Code
from chat.protocol.fields import visible
from chat.services.members import add_member, remove_member
from chat.services.posting import Draft, Posted, messages_post
from chat.services.slugs import free_slug, names_lock
from chat.signals import mark_access_changed, on_message

__all__ = ["Posted", "Refused", "add", "on_message", "participant_of", "post", "remove", "room_for"]

Who = Participant | AbstractBaseUser
TITLE_MAX = 100


def room_for(obj: Model, *, title: str = "") -> Room:
    """Return the private room of this object, created by the first call. It has no members until `add`.

    Args:
        obj: a saved object of any model.
        title: the title of a new room; defaults to `str(obj)`.

    Raises:
        ValueError: the object has no primary key yet.
    """
    if obj.pk is None:
        raise ValueError("Save the object first: a room belongs to its primary key.")
    key = {"content_type": ContentType.objects.get_for_model(obj), "object_id": str(obj.pk)}
    bound = RoomBinding.objects.select_related("room").filter(**key)
    if found := bound.first():
        return found.room
    name = repaired(title or str(obj))[:TITLE_MAX].strip()
    try:
        with transaction.atomic():
            names_lock()
            slug = free_slug(f"{obj._meta.model_name} {obj.pk}")
            room = Room.objects.create(slug=slug, kind=Room.Kind.PRIVATE, title=name)
            RoomBinding.objects.create(room=room, **key)
            return room
    except IntegrityError:
        # Another caller created it at the same moment.
        if found := bound.first():
            return found.room
        raise


def post(room: Room, who: Who, text: str, *, reply_to: int | None = None, client_id: str | None = None) -> Posted:
    """Post a message, by the same rules as a socket: the user is a member and not muted, and the text is not too long.

    The row of the room stays locked until the caller's transaction ends, so keep that short.

    Args:
        reply_to: the `seq` of the message to reply to.
        client_id: of several calls with the same id, such as retries of a task, only the first posts.

    Raises:
        Refused: with `code` and a sentence; nothing was written.
    """
    try:
        visible(text)
    except ValueError as problem:
        raise Refused(Code.INVALID, f"The message {problem}.", fields={"message": str(problem)}) from None
    [outcome] = messages_post([Draft(_participant(who), room.slug, text, client_id, reply_to)])
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


@transaction.atomic
def add(room: Room, who: Who, *, role: str = Membership.Role.MEMBER) -> Membership:
    """Make a user a member with this role, or give a member this role. The project decides: no rule is checked.

    Raises:
        ValueError: there is no such role.
    """
    if role not in Membership.Role.values:
        raise ValueError(f"A role is one of {', '.join(Membership.Role.values)}.")
    person, held = _participant(who), _locked(room)
    member = held.memberships.filter(user=person).first()
    if member is None:
        member = add_member(held, person, text=f"{person.username} joined", event="joined")
    if member.role != role:
        member.role = role
        member.save(update_fields=["role"])
        mark_access_changed([person.pk])
    return member


@transaction.atomic
def remove(room: Room, who: Who) -> bool:
    """End a membership; open sockets lose the room. Returns False when there was none."""
    person, held = _participant(who), _locked(room)
    member = held.memberships.select_related("user").filter(user=person).first()
    if member is None:
        return False
    remove_member(held, member, reason="left", actor=person, text=f"{person.username} left")
    return True


def _participant(who: Who) -> Participant:
    return who if isinstance(who, Participant) else participant_of(who)


def _locked(room: Room) -> Room:
    return Room.objects.select_for_update(no_key=True).get(pk=room.pk)
