"""Ownership: a room in use always keeps an active owner, however the last one left."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from chat import signals
from chat.models import CONVERSATIONS, Membership, Participant, Room
from chat.models.validators import is_erased
from chat.queries.history import facts_event
from chat.services.posting import system_line
from chat.services.publishing import publish, take_rev
from chat.signals import mark_access_changed

Role = Membership.Role


def other_owners(membership: Membership) -> bool:
    """Whether there is another active owner. Called under the room's lock, so that two owners cannot leave at once."""
    owners = Membership.objects.filter(room_id=membership.room_id, role=Role.OWNER, user__is_active=True)
    return owners.exclude(pk=membership.pk).exists()


def hand_over(room: Room) -> None:
    """Choose an owner for a locked room whose owner has left, inside the caller's transaction.

    Does nothing if another active owner remains. Otherwise the longest-standing moderator becomes the owner, or without
    moderators the longest-standing member, and a system line reports it. A room without active members is archived:
    staff can restore it.
    """
    active = room.memberships.filter(user__is_active=True)
    if active.filter(role=Role.OWNER).exists():
        return
    for role in (Role.MODERATOR, Role.MEMBER):
        for heir in active.filter(role=role).select_related("user").order_by("joined_at", "id"):
            # The row is locked, so that an account that is being deactivated is not chosen.
            held = Participant.objects.select_for_update(no_key=True).filter(pk=heir.user_id, is_active=True)
            if held.exists():
                _give(room, heir)
                return
    if not room.archived:
        room.archived = True
        room.facts_rev = take_rev(room)
        room.save(update_fields=["archived", "facts_rev", "last_rev"])
        publish([(room, facts_event(room))])
        mark_access_changed(room.memberships.values_list("user_id", flat=True))


def _give(room: Room, heir: Membership) -> None:
    heir.role = Role.OWNER
    heir.save(update_fields=["role"])
    name = heir.user.username
    line = system_line(room, heir.user, f"{name} owns the room now", now=timezone.now(), event="owner", username=name)
    room.save(update_fields=["last_seq", "last_rev"])
    publish([(room, line)])
    mark_access_changed([heir.user_id])


@receiver(signals.account_closing, dispatch_uid="chat.rooms_held")
def rooms_held(*, user: Participant, **_: Any) -> None:
    """Lock the rooms of a person who is about to be deactivated, so that they cannot become an owner meanwhile."""
    list(_rooms_of(user).values_list("pk"))


@receiver(signals.account_closed, dispatch_uid="chat.rooms_handed_over")
def rooms_handed_over(*, user: Participant, **_: Any) -> None:
    """Choose other owners for the rooms of a person who was deactivated."""
    # Account deletion removes the memberships itself.
    if is_erased(user.username):
        return
    for room in _rooms_of(user, role=Role.OWNER):
        hand_over(room)


def _rooms_of(user: Participant, **fields: Any) -> Any:
    rooms = Room.objects.filter(pk__in=Membership.objects.filter(user=user, **fields).values("room"))
    # In id order, as posting locks them: no deadlock between the two.
    return rooms.exclude(kind__in=CONVERSATIONS).order_by("id").select_for_update(no_key=True)
