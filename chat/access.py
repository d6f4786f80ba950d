"""The only doors to a protected row. Whoever may not see a room is told what they would be told of none."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from chat.models import SLUG_PATTERN, Ban, Membership, Message, Room
from chat.protocol.errors import not_found
from chat.rules import Action, Actor, refusal
from lib.prepared_queries import PreparedQuery

_MEMBERSHIP = PreparedQuery(
    lambda user_id, slug: Membership.objects.select_related("room").filter(user_id=user_id, room__slug=slug), 0, ""
)


@dataclass(frozen=True, slots=True)
class Access:
    """A person let in: the room, and their membership when they have one."""

    user: User
    room: Room
    membership: Membership | None
    standing: Actor

    def may(self, action: Action) -> bool:
        return refusal(action, self.standing, now=timezone.now()) is None


def access_room(
    *, user: User, slug: str, action: Action = Action.READ, lock: bool = False, via_admin: bool = False
) -> Access:
    """Let `user` into the room for `action`; `lock` holds the room's row until the transaction ends.

    `via_admin`: staff act from the admin, whose permissions have let them in, and see every room.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden` or `muted`.
    """
    # A name that no room can have never comes to the database, which refuses some (NUL) in a way of its own.
    if not re.fullmatch(SLUG_PATTERN, slug, re.ASCII):
        raise not_found("room")
    if not lock:
        # Nearly everybody who knocks is a member: then one query tells both.
        membership = _MEMBERSHIP.first(user.pk, slug)
        if membership:
            return _let_in(user, membership.room, membership, action, via_admin=via_admin)
    rooms = Room.objects.select_for_update(no_key=True) if lock else Room.objects
    room = rooms.filter(slug=slug).first()
    if room is None:
        raise not_found("room")
    return access_found(user=user, room=room, action=action, via_admin=via_admin)


def access_found(*, user: User, room: Room, action: Action, via_admin: bool = False) -> Access:
    """The same door for a room that was already fetched."""
    membership = Membership.objects.filter(user=user, room=room).first()
    return _let_in(user, room, membership, action, via_admin=via_admin)


def _let_in(user: User, room: Room, membership: Membership | None, action: Action, *, via_admin: bool) -> Access:
    standing = replace(standing_of(user=user, room=room, membership=membership), via_admin=via_admin)
    if problem := refusal(action, standing, now=timezone.now()):
        raise problem
    return Access(user, room, membership, standing)


def access_message(*, access: Access, seq: int, action: Action) -> Message:
    """A message of a room that was already entered, for `action` on it.

    Raises:
        ChatError: `not_found` (also cleared, deleted), `forbidden`, `muted`.
    """
    message = Message.objects.select_related("author").filter(room=access.room, seq=seq).first()
    hidden = seq < access.room.cleared_before_seq and not access.standing.via_admin
    if message is None or hidden:
        raise not_found("message")
    own = message.author_id == access.user.pk and message.kind == Message.Kind.TEXT
    if problem := refusal(action, access.standing, now=timezone.now(), own=own):
        raise problem
    return message


def standing_of(*, user: User, room: Room, membership: Membership | None) -> Actor:
    ban = None if membership else ban_of(user_id=user.pk, room_id=room.pk, now=timezone.now())
    return Actor(
        kind=room.kind,
        archived=room.archived,
        role=membership.role if membership else None,
        staff=user.is_staff,
        banned=ban is not None,
        ban_reason=ban.reason if ban else "",
        banned_until=ban.until if ban else None,
        muted_until=membership.muted_until if membership else None,
    )


def ban_of(*, user_id: int, room_id: int, now: datetime) -> Ban | None:
    """The ban that lasts at this moment."""
    lasting = Q(until=None) | Q(until__gt=now)
    return Ban.objects.filter(lasting, user_id=user_id, room_id=room_id).first()
