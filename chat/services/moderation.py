"""Moderation. Each action writes an audit entry in the same transaction.

`via_admin`: staff act from the admin; see `chat.access`.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat.access import Access, access_room
from chat.models import AuditEntry, Ban, Membership, Participant
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.history import cleared_event
from chat.rules import Action, muted_refusal, staff_refusal
from chat.services.audit import audit
from chat.services.members import check_over, member_named, remove_member
from chat.services.pin_lists import pins_end
from chat.services.posting import system_line, text_problem
from chat.services.publishing import announce, publish, take_rev
from chat.signals import mark_access_changed

Entry = AuditEntry.Action


@transaction.atomic
def member_kick(*, user: Participant, room: str, username: str, reason: str = "", via_admin: bool = False) -> None:
    """Remove a member; they can come back if the room is public.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted` (the caller is muted and gives a reason).
    """
    access = access_room(user=user, slug=room, action=Action.KICK, lock=True, via_admin=via_admin)
    membership = member_named(access.room, username)
    check_over(access, membership.user)
    _check_reason(access, reason)
    name = membership.user.username
    text = f"{user.username} removed {name} from the room"
    remove_member(access.room, membership, reason="kicked", actor=user, text=text, why=reason)
    audit(actor=user, action=Entry.KICK, room=room, target=name, reason=reason)


@transaction.atomic
def member_ban(
    *,
    user: Participant,
    room: str,
    username: str,
    minutes: int | None = None,
    reason: str = "",
    via_admin: bool = False,
) -> None:
    """Remove a person and ban them, for `minutes` or permanently. Banning again replaces the end of the ban.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted` (the caller is muted and gives a reason).
    """
    access = access_room(user=user, slug=room, action=Action.BAN, lock=True, via_admin=via_admin)
    target = _person(username)
    check_over(access, target)
    _check_reason(access, reason)
    until = timezone.now() + timedelta(minutes=minutes) if minutes else None
    Ban.objects.update_or_create(
        room=access.room, user=target, defaults={"until": until, "reason": reason, "by": user.username}
    )
    membership = Membership.objects.filter(room=access.room, user=target).first()
    if membership:
        text = f"{user.username} banned {target.username} from the room"
        remove_member(access.room, membership, reason="banned", actor=user, text=text, why=reason, until=until)
    else:
        mark_access_changed([target.pk])
    audit(actor=user, action=Entry.BAN, room=room, target=target.username, reason=reason, minutes=minutes)


@transaction.atomic
def member_unban(*, user: Participant, room: str, username: str, reason: str = "", via_admin: bool = False) -> None:
    """Lift a ban. Does not restore the membership: the person can join a public room; a private one needs an invite.

    Raises:
        ChatError: `not_found` (also when there is no ban), `forbidden`.
    """
    access = access_room(user=user, slug=room, action=Action.UNBAN, lock=True, via_admin=via_admin)
    target = _person(username)
    if not Ban.objects.filter(room=access.room, user=target).delete()[0]:
        raise ChatError(Code.NOT_FOUND, f"{target.username} is not banned from this room.")
    mark_access_changed([target.pk])
    audit(actor=user, action=Entry.UNBAN, room=room, target=target.username, reason=reason)


@transaction.atomic
def member_mute(
    *, user: Participant, room: str, username: str, minutes: int, reason: str = "", via_admin: bool = False
) -> None:
    """Mute a member for `minutes`: they can read, but not write.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    access = access_room(user=user, slug=room, action=Action.MUTE, lock=True, via_admin=via_admin)
    membership = member_named(access.room, username)
    check_over(access, membership.user)
    membership.muted_until = timezone.now() + timedelta(minutes=minutes)
    membership.save(update_fields=["muted_until"])
    mark_access_changed([membership.user_id])
    audit(
        actor=user,
        action=Entry.MUTE,
        room=room,
        target=membership.user.username,
        reason=reason,
        minutes=minutes,
    )


@transaction.atomic
def member_unmute(*, user: Participant, room: str, username: str, reason: str = "", via_admin: bool = False) -> None:
    """End the mute of a member.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    access = access_room(user=user, slug=room, action=Action.UNMUTE, lock=True, via_admin=via_admin)
    membership = member_named(access.room, username)
    check_over(access, membership.user)
    membership.muted_until = None
    membership.save(update_fields=["muted_until"])
    mark_access_changed([membership.user_id])
    audit(actor=user, action=Entry.UNMUTE, room=room, target=membership.user.username, reason=reason)


@transaction.atomic
def room_clear(*, user: Participant, room: str, reason: str = "", via_admin: bool = False) -> int:
    """Hide all messages so far from all members; returns the `rev` of the clearing.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    access = access_room(user=user, slug=room, action=Action.CLEAR, lock=True, via_admin=via_admin)
    found = access.room
    found.cleared_before_seq = found.last_seq + 1
    found.cleared_rev = take_rev(found)
    found.save(update_fields=["last_rev", "cleared_before_seq", "cleared_rev"])
    audit(actor=user, action=Entry.CLEAR, room=room, reason=reason, before_seq=found.cleared_before_seq)
    # Written after the clearing, so that it is the first line that is still shown.
    text = f"{user.username} cleared the history"
    line = system_line(found, user, text, now=timezone.now(), event="cleared", username=user.username)
    found.save(update_fields=["last_seq", "last_rev"])
    publish([(found, cleared_event(found)), (found, line), *pins_end(found, found.pins)])
    return found.cleared_rev


@transaction.atomic
def broadcast(*, user: Participant, message: str) -> events.Announcement:
    """Send an announcement to all connected people. Staff only; the action is audited, but its text is not stored.

    Raises:
        ChatError: `forbidden`, `invalid`.
    """
    staff = user.is_staff
    if problem := staff_refusal("Only staff can send announcements.", staff=staff, may_moderate=user.may_moderate):
        raise problem
    if problem := text_problem(message):
        raise problem
    audit(actor=user, action=Entry.BROADCAST)
    said = events.Announcement(message=message, username=user.username, timestamp=events.stamp(timezone.now()))
    announce(said)
    return said


def _check_reason(access: Access, reason: str) -> None:
    """Refuse a reason from a muted moderator: the line about the removal would show it to the whole room."""
    if reason and (muted := muted_refusal(access.actor, now=timezone.now())):
        raise muted


def _person(username: str) -> Participant:
    person = Participant.objects.filter(username__iexact=username).first()
    if person is None:
        raise not_found("person")
    return person
