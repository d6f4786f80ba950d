"""Who belongs to a room: joining, leaving, being added, and the role each has."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import access_changed
from accounts.models import User
from chat.access import Access, access_room, standing_of
from chat.models import AuditEntry, Ban, Membership, Message, Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, left_meanwhile, not_found
from chat.protocol.events import SystemEvent
from chat.queries.message_states import message_states
from chat.queries.people import room_is_large
from chat.rules import Action, Actor, refusal_to_act_on
from chat.services.audit import audit
from chat.services.owners import hand_over, other_owners
from chat.services.posting import system_line
from chat.services.publishing import publish, take_rev, tell_left

# Coming and going again within this time, and within so many messages, is one line, which says the last of it.
AGAIN_TIME = timedelta(minutes=10)
AGAIN_MESSAGES = 200


def room_join(*, user: User, room: str, pay: Callable[[], None] = lambda: None) -> tuple[Membership, bool]:
    """Make `user` a member of a public room they may enter; returns the membership and whether it is new.

    `pay` is called before anything is written, and raises what stands against it.

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
        # The person's other socket was faster.
        held = Membership.objects.select_related("room").filter(user=user, room=access.room).first()
        if held is None:
            raise left_meanwhile() from None
        return held, False


@transaction.atomic
def room_leave(*, user: User, room: str) -> None:
    """End one's membership. The last owner hands the room to the eldest of the highest role.

    Raises:
        ChatError: `not_found`, `forbidden` (direct rooms; the only owner, whom nobody can follow).
    """
    access = access_room(user=user, slug=room, action=Action.LEAVE, lock=True)
    assert access.membership
    owns = access.membership.role == Membership.Role.OWNER
    others = access.room.memberships.filter(user__is_active=True).exclude(user=user)
    if owns and not access.room.archived and not others.exists():
        raise ChatError(
            Code.FORBIDDEN,
            "You are the only owner and nobody here can follow you. Add somebody or archive the room first.",
        )
    remove_member(access.room, access.membership, reason="left", actor=user, text=f"{user.username} left")


@transaction.atomic
def member_invite(*, user: User, room: str, username: str, via_admin: bool = False) -> Membership:
    """Add somebody to a room one is in; the way into a private room.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted`, `banned` (they are banned), `conflict` (already in).
    """
    access = access_room(user=user, slug=room, action=Action.INVITE, lock=True, via_admin=via_admin)
    invited = User.objects.filter(username__iexact=username, is_active=True).first()
    if invited is None:
        raise not_found("person")
    standing = target_standing(access.room, invited)
    if standing.role:
        raise ChatError(Code.CONFLICT, f"{invited.username} is in this room already.")
    if standing.banned:
        raise ChatError(Code.BANNED, f"{invited.username} is banned from this room. Lift the ban first.")
    text = f"{user.username} added {invited.username}"
    return add_member(access.room, invited, text=text, event="added", by=user)


@transaction.atomic
def member_role(*, user: User, room: str, username: str, role: str, via_admin: bool = False) -> Membership:
    """Give a member another role. Owners (and staff) may; nobody changes their own.

    Raises:
        ChatError: `not_found`, `forbidden`, `invalid`.
    """
    if role not in Membership.Role.values:
        raise ChatError(Code.INVALID, "There is no such role.", fields={"role": "must be owner, moderator or member"})
    access = access_room(user=user, slug=room, action=Action.ROLE, lock=True, via_admin=via_admin)
    membership = member_named(access.room, username)
    if membership.user_id == user.pk:
        raise ChatError(Code.FORBIDDEN, "You cannot change your own role.")
    if membership.role == Membership.Role.OWNER and role != Membership.Role.OWNER and not other_owners(membership):
        raise ChatError(Code.FORBIDDEN, "This is the only owner of the room. Make somebody else an owner first.")
    if membership.role != role:
        membership.role = role
        membership.save(update_fields=["role"])
        audit(actor=user, action=AuditEntry.Action.ROLE, room=room, target=membership.user.username, role=role)
        access_changed([membership.user_id])
    return membership


@transaction.atomic
def member_notify(*, user: User, room: str, notify: str | None = None, muted: bool | None = None) -> Membership:
    """Choose what a room notifies one of (a `Membership.Level`), and whether it is muted; None leaves it as it is.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden` (not a member), `invalid`.
    """
    if notify is not None and notify not in Membership.Level.values:
        choices = "must be default, all, mentions or nothing"
        raise ChatError(Code.INVALID, "There is no such choice.", fields={"notify": choices})
    membership = access_room(user=user, slug=room).membership
    if membership is None:
        raise ChatError(Code.FORBIDDEN, "Join the room first.")
    before = (membership.level, membership.muted)
    if notify is not None:
        membership.loud = notify == Membership.Level.ALL
        membership.notify = Membership.Notify.ALL if notify == Membership.Level.DEFAULT else notify
    if muted is not None:
        membership.muted = muted
    if (membership.level, membership.muted) != before:
        membership.save(update_fields=["notify", "loud", "muted"])
        access_changed([user.pk])
    return membership


def member_named(room: Room, username: str) -> Membership:
    membership = room.memberships.select_related("user").filter(user__username__iexact=username).first()
    if membership is None:
        raise not_found("member")
    return membership


def target_standing(room: Room, target: User) -> Actor:
    membership = Membership.objects.filter(room=room, user=target).first()
    return standing_of(user=target, room=room, membership=membership)


def check_over(access: Access, target: User) -> None:
    """Raises ChatError `forbidden` unless the person let in stands above `target` in that room."""
    over = target_standing(access.room, target)
    if problem := refusal_to_act_on(access.standing, over, same=target.pk == access.user.pk):
        raise problem


def add_member(room: Room, user: User, *, text: str, event: SystemEvent, by: User | None = None) -> Membership:
    """Put `user` into a locked room, inside the caller's transaction."""
    line = None
    if not room_is_large(room.pk):
        facts = {"username": user.username} | ({"by": by.username} if by else {})
        line = _came_and_went(room, by or user, text, event=event, facts=facts)
        room.save(update_fields=["last_seq", "last_rev"])
    membership = Membership.objects.create(room=room, user=user, read_seq=room.last_seq)
    access_changed([user.pk])
    if line:
        publish([(room, line)])
    return membership


def remove_member(
    room: Room,
    membership: Membership,
    *,
    reason: SystemEvent,
    actor: User,
    text: str,
    why: str = "",
    until: datetime | None = None,
) -> None:
    """Take a member out of a locked room, inside the caller's transaction; `until`: when they may come back.

    The last owner is followed by another, see `owners.hand_over`.
    """
    user, now = membership.user, timezone.now()
    if reason != "banned" and membership.muted_until and membership.muted_until > now:
        # Coming back would lift the mute: whoever goes while muted stays away until it ends. (An older ban of a
        # member has run out.)
        Ban.objects.update_or_create(
            room=room, user=user, defaults={"until": membership.muted_until, "reason": "Left while muted."}
        )
    membership.delete()
    if not room_is_large(room.pk):
        facts = {"username": user.username, "by": actor.username} | ({"reason": why} if why else {})
        line = _came_and_went(room, actor, text, event=reason, facts=facts)
        room.save(update_fields=["last_seq", "last_rev"])
        publish([(room, line)])
    if membership.role == Membership.Role.OWNER:
        hand_over(room)
    tell_left(room=room, user_id=user.pk, reason=reason, why=why, until=until)
    access_changed([user.pk])


def _came_and_went(room: Room, actor: User, text: str, *, event: SystemEvent, facts: dict[str, Any]) -> events.Message:
    """The line that says so. Of one who left and comes back soon, the line of leaving is written anew, and again with
    each further time: whoever goes round and round makes no more lines, and the one there is says how it stands."""
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
