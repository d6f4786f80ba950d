"""Membership: joining, leaving, adding, and the role of each member."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.utils import timezone

from chat import signals
from chat.access import Access, access_room, actor_of
from chat.lib.oneline import tidy
from chat.models import AuditEntry, Ban, Membership, Message, Participant, Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, left_meanwhile, not_found
from chat.protocol.events import SystemEvent
from chat.protocol.fields import line_problem
from chat.queries.message_states import message_states
from chat.queries.people import room_is_large
from chat.rules import Action, Actor, refusal_to_act_on
from chat.services.audit import audit
from chat.services.owners import hand_over, other_owners
from chat.services.posting import system_line
from chat.services.publishing import publish, publish_departure, take_rev
from chat.signals import mark_access_changed

# The latest end of a timed mute; a longer mute has no end.
QUIET_MAX = timedelta(days=366)
# Mutes ended per transaction.
MUTES_STEP = 500

# Leaving and coming back within 10 minutes and 200 messages adds one line, which shows the latest state.
AGAIN_TIME = timedelta(minutes=10)
AGAIN_MESSAGES = 200
# Newest messages of a room in slow mode that are searched for the last post of a person who comes back.
SLOW_MESSAGES = 1000
SECTION_MAX = 40
# Fields that members set on their own membership.
_ATTENDED = ("notify", "loud", "muted", "quiet_until", "hidden_seq", "starred", "section")


def room_join(*, user: Participant, room: str, pay: Callable[[], None] = lambda: None) -> tuple[Membership, bool]:
    """Make `user` a member of a public room they may enter; returns the membership and whether it is new.

    `pay` charges the caller's rate limit. It is called before anything is written, and raises when the limit is
    reached.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden` (archived).
    """
    access = access_room(user=user, slug=room, action=Action.READ)
    if access.room.archived:
        raise ChatError(Code.FORBIDDEN, "This room is archived. It can be read, but nobody can join it.")
    if access.membership:
        return _with_room(access.membership, access.room), False
    pay()
    try:
        with transaction.atomic():
            access = access_room(user=user, slug=room, action=Action.JOIN, lock=True)
            return add_member(access.room, user, text=f"{user.username} joined", event="joined"), True
    except IntegrityError:
        # Another socket of the same person joined first.
        held = Membership.objects.select_related("room").filter(user=user, room=access.room).first()
        if held is None:
            raise left_meanwhile() from None
        return held, False


@transaction.atomic
def room_leave(*, user: Participant, room: str) -> None:
    """End a membership. When the only owner leaves, the longest-standing member of the highest role becomes the owner.

    Raises:
        ChatError: `not_found`, `forbidden` (direct rooms; the only owner, when no other member could become the owner).
    """
    access = access_room(user=user, slug=room, action=Action.LEAVE, lock=True)
    assert access.membership
    owns = access.membership.role == Membership.Role.OWNER
    others = access.room.memberships.filter(user__is_active=True).exclude(user=user)
    if owns and not access.room.archived and not others.exists():
        raise ChatError(
            Code.FORBIDDEN,
            "You are the only owner, and no other member can take over. Add somebody or archive the room first.",
        )
    remove_member(access.room, access.membership, reason="left", actor=user, text=f"{user.username} left")


@transaction.atomic
def member_invite(*, user: Participant, room: str, username: str, via_admin: bool = False) -> Membership:
    """Add a person to a room. In a private room this is the only way in.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted`, `banned` (the invited person), `conflict` (already a member).
    """
    access = access_room(user=user, slug=room, action=Action.INVITE, lock=True, via_admin=via_admin)
    invited = Participant.objects.filter(username__iexact=username, is_active=True).first()
    if invited is None:
        raise not_found("person")
    actor = target_actor(access.room, invited)
    if actor.role:
        raise ChatError(Code.CONFLICT, f"{invited.username} is in this room already.")
    if actor.banned:
        raise ChatError(Code.BANNED, f"{invited.username} is banned from this room. Lift the ban first.")
    text = f"{user.username} added {invited.username}"
    return add_member(access.room, invited, text=text, event="added", by=user)


@transaction.atomic
def member_role(*, user: Participant, room: str, username: str, role: str, via_admin: bool = False) -> Membership:
    """Change the role of a member. Owners and staff may do this; an owner may step down while there is another.

    Raises:
        ChatError: `not_found`, `forbidden`, `invalid`.
    """
    if role not in Membership.Role.values:
        raise ChatError(
            Code.INVALID, "That role does not exist.", fields={"role": "must be owner, moderator or member"}
        )
    access = access_room(user=user, slug=room, action=Action.ROLE, lock=True, via_admin=via_admin)
    membership = member_named(access.room, username)
    if membership.user_id == user.pk and membership.role != Membership.Role.OWNER:
        raise ChatError(Code.FORBIDDEN, "You cannot change your own role.")
    if membership.role == Membership.Role.OWNER and role != Membership.Role.OWNER and not other_owners(membership):
        raise ChatError(Code.FORBIDDEN, "This is the only owner of the room. Make somebody else an owner first.")
    if membership.role != role:
        membership.role = role
        membership.save(update_fields=["role"])
        audit(actor=user, action=AuditEntry.Action.ROLE, room=room, target=membership.user.username, role=role)
        mark_access_changed([membership.user_id])
    return membership


@transaction.atomic
def member_notify(
    *,
    user: Participant,
    room: str,
    notify: str | None = None,
    muted: bool | None = None,
    quiet_until: datetime | None = None,
    hidden: bool | None = None,
    starred: bool | None = None,
    section: str | None = None,
) -> Membership:
    """Set how a member attends to a room; None leaves a value as it is.

    Args:
        notify: a `Membership.Level`.
        muted: no unread mark, and notifications of mentions only; until `quiet_until`, if that is given.
        hidden: the conversation is not listed until its next message.
        starred: listed first.
        section: the person's own heading that it is listed under; empty: none.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden` (not a member), `invalid`.
    """
    if notify is not None and notify not in Membership.Level.values:
        raise _not_a_choice("notify", "must be default, all, mentions or nothing")
    if section is not None and (problem := line_problem(section := tidy(section), SECTION_MAX)):
        raise _not_a_choice("section", problem)
    access = access_room(user=user, slug=room)
    membership = access.membership
    if membership is None:
        raise ChatError(Code.FORBIDDEN, "Join the room first.")
    if hidden and not access.room.is_conversation:
        raise _not_a_choice("hidden", "is for direct messages and groups; leave the room instead")
    if quiet_until is not None and not timezone.now() < quiet_until < timezone.now() + QUIET_MAX:
        raise _not_a_choice("quiet_until", "must be a time to come, within a year")
    before = [getattr(membership, name) for name in _ATTENDED]
    if notify is not None:
        membership.loud = notify == Membership.Level.ALL
        membership.notify = Membership.Notify.ALL if notify == Membership.Level.DEFAULT else notify
    if muted is not None:
        membership.muted, membership.quiet_until = muted, quiet_until if muted else None
    if hidden is not None:
        membership.hidden_seq = access.room.last_seq if hidden else None
    if starred is not None:
        membership.starred = starred
    if section is not None:
        membership.section = section
    if [getattr(membership, name) for name in _ATTENDED] != before:
        membership.save(update_fields=_ATTENDED)
        mark_access_changed([user.pk])
    return membership


def _not_a_choice(field: str, problem: str) -> ChatError:
    return ChatError(Code.INVALID, "That is not a valid choice.", fields={field: problem})


@transaction.atomic
def mutes_end() -> int:
    """End expired mutes, at most MUTES_STEP; returns how many."""
    over = Membership.objects.filter(quiet_until__lte=timezone.now())
    rows = list(over.order_by("pk").values_list("pk", "user_id")[:MUTES_STEP])
    if not rows:
        return 0
    ended = over.filter(pk__in=[pk for pk, _ in rows]).update(muted=False, quiet_until=None)
    mark_access_changed([user_id for _, user_id in rows])
    return ended


@receiver(signals.invited, dispatch_uid="chat.rooms_of_invitation")
def rooms_of_invitation(*, user: Participant, rooms: Iterable[str], **_: Any) -> None:
    """Make a person who came by an invitation a member of those of its rooms that are still public."""
    found = Room.objects.filter(slug__in=rooms, kind=Room.Kind.PUBLIC, archived=False)
    for room in found.order_by("id").select_for_update(no_key=True):
        add_member(room, user, text=f"{user.username} joined", event="joined")


def member_named(room: Room, username: str) -> Membership:
    """The membership with this username, case-insensitive, with its user.

    Raises:
        ChatError: `not_found`.
    """
    membership = room.memberships.select_related("user").filter(user__username__iexact=username).first()
    if membership is None:
        raise not_found("member")
    return membership


def target_actor(room: Room, target: Participant) -> Actor:
    """The target person as an `Actor` for the rules of this room."""
    membership = Membership.objects.filter(room=room, user=target).first()
    return actor_of(user=target, room=room, membership=membership)


def check_over(access: Access, target: Participant) -> None:
    """Check that the caller ranks above `target` in the room.

    Raises:
        ChatError: `forbidden`.
    """
    other = target_actor(access.room, target)
    if problem := refusal_to_act_on(access.actor, other, same=target.pk == access.user.pk):
        raise problem


def add_member(
    room: Room, user: Participant, *, text: str, event: SystemEvent, by: Participant | None = None
) -> Membership:
    """Create the membership of `user` in a locked room, inside the caller's transaction."""
    line = None
    if not room_is_large(room.pk):
        facts = {"username": user.username} | ({"by": by.username} if by else {})
        line = _membership_line(room, by or user, text, event=event, facts=facts)
        room.save(update_fields=["last_seq", "last_rev"])
    membership = Membership.objects.create(
        room=room, user=user, read_seq=room.last_seq, posted_at=_last_post(room, user) if room.slow_seconds else None
    )
    mark_access_changed([user.pk])
    if line:
        publish([(room, line)])
    return membership


def remove_member(
    room: Room,
    membership: Membership,
    *,
    reason: SystemEvent,
    actor: Participant,
    text: str,
    why: str = "",
    until: datetime | None = None,
) -> None:
    """Delete a membership of a locked room, inside the caller's transaction. `until`: the end of the ban, if it has
    one.

    If the member was the only owner, another one becomes the owner, see `owners.hand_over`.
    """
    user, now = membership.user, timezone.now()
    if reason != "banned" and membership.muted_until and membership.muted_until > now:
        # Rejoining would lift the mute, so a member who leaves while muted is banned until the mute ends. (An older ban
        # of a member has expired.)
        Ban.objects.update_or_create(
            room=room, user=user, defaults={"until": membership.muted_until, "reason": "Left while muted."}
        )
    membership.delete()
    if not room_is_large(room.pk):
        facts = {"username": user.username, "by": actor.username} | ({"reason": why} if why else {})
        line = _membership_line(room, actor, text, event=reason, facts=facts)
        room.save(update_fields=["last_seq", "last_rev"])
        publish([(room, line)])
    if membership.role == Membership.Role.OWNER:
        hand_over(room)
    publish_departure(room=room, user_id=user.pk, reason=reason, why=why, until=until)
    mark_access_changed([user.pk])


def _last_post(room: Room, user: Participant) -> datetime | None:
    """When the person last posted in a room: leaving and coming back does not end the wait of slow mode. One query."""
    theirs = Message.objects.filter(room=room, seq__gt=room.last_seq - SLOW_MESSAGES, author=user)
    posted = theirs.filter(kind=Message.Kind.TEXT).order_by("-seq")
    return posted.values_list("created_at", flat=True).first()


def _membership_line(
    room: Room, actor: Participant, text: str, *, event: SystemEvent, facts: dict[str, Any]
) -> events.Message:
    """The system line for a change of membership. If a person returns soon after leaving, this rewrites the line about
    leaving instead, and does so each further time: repeated joining and leaving adds only one line."""
    now = timezone.now()
    if event in {"joined", "left"} and facts["username"] == actor.username:
        last = (
            Message.objects.filter(room=room, seq__gt=room.last_seq - AGAIN_MESSAGES, author=actor, deleted_at=None)
            .filter(system__isnull=False, created_at__gt=now - AGAIN_TIME, seq__gte=room.cleared_before_seq)
            .order_by("-seq")
            .first()
        )
        was = (last and last.system) or {"event": ""}
        if last and ((event, was["event"]) == ("joined", "left") or (event == "left" and was.get("again"))):
            last.text, last.system, last.rev = text, {"event": event, **facts, "again": True}, take_rev(room)
            last.save(update_fields=["text", "system", "rev"])
            return message_states(Message.objects.filter(pk=last.pk))[0]
    return system_line(room, actor, text, now=now, event=event, **facts)


def _with_room(membership: Membership, room: Room) -> Membership:
    membership.room = room
    return membership
