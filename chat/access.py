"""Access to rooms, messages and files, always with a check. Hidden objects are refused as if they did not exist."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from chat.lib.prepared_queries import PreparedMany, PreparedQuery, numbers
from chat.models import SLUG_PATTERN, Ban, File, Membership, Message, Participant, Room
from chat.protocol.errors import ChatError, Code, not_found
from chat.rules import Action, Actor, refusal

_MEMBERSHIP = PreparedQuery(
    lambda user_id, slug: Membership.objects.select_related("room").filter(user_id=user_id, room__slug=slug), 0, ""
)
_ROOM = PreparedQuery(lambda slug: Room.objects.filter(slug=slug), "")
_MEMBERS = PreparedMany(
    lambda user_ids, room_id: Membership.objects.filter(room=room_id, user_id__in=user_ids), numbers, also=(0,)
)


@dataclass(frozen=True, slots=True)
class Access:
    """Granted access: the user, the room, the membership if there is one, and the actor for further rules."""

    user: Participant
    room: Room
    membership: Membership | None
    actor: Actor

    def may(self, action: Action) -> bool:
        """Return whether the user may do `action` in the room."""
        return refusal(action, self.actor, now=timezone.now()) is None


def access_room(
    *, user: Participant, slug: str, action: Action = Action.READ, lock: bool = False, via_admin: bool = False
) -> Access:
    """Check that `user` may do `action` in the room, and return the access. `lock` locks the room's row until the
    transaction ends.

    `via_admin`: staff act from the admin, which has checked their permissions, and see every room.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden` or `muted`.
    """
    # Do not query for a slug that no room can have: PostgreSQL raises an error for NUL.
    if not re.fullmatch(SLUG_PATTERN, slug, re.ASCII):
        raise not_found("room")
    if not lock:
        # Most callers are members: one query then reads room and membership.
        membership = _MEMBERSHIP.first(user.pk, slug)
        if membership:
            return _let_in(user, membership.room, membership, action, via_admin=via_admin)
    rooms = Room.objects.select_for_update(no_key=True) if lock else Room.objects
    room = rooms.filter(slug=slug).first()
    if room is None:
        raise not_found("room")
    return access_found(user=user, room=room, action=action, via_admin=via_admin)


def may_enter(user: Participant, membership: Membership) -> bool:
    """Return whether a member may open the room of this membership, which was read with it. No query."""
    try:
        _let_in(user, membership.room, membership, Action.READ, via_admin=False)
    except ChatError:
        return False
    return not membership.room.archived


def access_found(*, user: Participant, room: Room, action: Action, via_admin: bool = False) -> Access:
    """As `access_room`, for a room that was already read.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden` or `muted`.
    """
    membership = Membership.objects.filter(user=user, room=room).first()
    return _let_in(user, room, membership, action, via_admin=via_admin)


def _let_in(user: Participant, room: Room, membership: Membership | None, action: Action, *, via_admin: bool) -> Access:
    actor = replace(actor_of(user=user, room=room, membership=membership), via_admin=via_admin)
    if problem := refusal(action, actor, now=timezone.now()) or policy_refusal(user, room, action):
        raise problem
    return Access(user, room, membership, actor)


def policy_refusal(user: Participant, room: Room, action: Action) -> ChatError | None:
    """Return the refusal of an allowed action by the project's own function, `CHAT["POLICY"]`; None without one.

    The function is called with the participant, the action and the room, and returns a sentence for the user, or "" to
    allow the action. It is not called for reading: members may read, and everyone may read a public room.
    """
    if action is Action.READ or not (path := _policy()):
        return None
    sentence = import_string(path)(user, action.value, room)
    return ChatError(Code.FORBIDDEN, str(sentence)) if sentence else None


def has_policy() -> bool:
    """Return whether the project has a policy function."""
    return bool(_policy())


def _policy() -> str:
    return str(getattr(settings, "CHAT", {}).get("POLICY") or "")


def readers_of(*, users: Sequence[Participant], slug: str) -> tuple[Room | None, list[ChatError | None]]:
    """As `access_room` for reading, for many users at once: returns the room (None when there is none), and for each
    user why they may not read it, or None. At most two queries, and one more per 64 users.
    """
    room = _ROOM.first(slug) if re.fullmatch(SLUG_PATTERN, slug, re.ASCII) else None
    if room is None:
        return None, [not_found("room") for _ in users]
    ids = {user.pk for user in users}
    memberships = {row.user_id: row for row in _MEMBERS.all(ids, also=(room.pk,))}
    strangers, now = ids - memberships.keys(), timezone.now()
    bans = {ban.user_id: ban for ban in _lasting(now).filter(room=room, user_id__in=strangers)}
    actors = (_actor(user, room, memberships.get(user.pk), bans.get(user.pk)) for user in users)
    return room, [refusal(Action.READ, actor, now=now) for actor in actors]


def access_message(*, access: Access, seq: int, action: Action) -> Message:
    """Check that the user may do `action` on a message of the room, and return the message.

    Raises:
        ChatError: `not_found` (also if it was cleared or deleted), `forbidden`, `muted`.
    """
    message = Message.objects.select_related("author").filter(room=access.room, seq=seq).first()
    hidden = seq < access.room.cleared_before_seq and not access.actor.via_admin
    if message is None or hidden:
        raise not_found("message")
    own = message.author_id == access.user.pk and message.kind == Message.Kind.TEXT
    now = timezone.now()
    if problem := refusal(action, access.actor, now=now, own=own) or policy_refusal(access.user, access.room, action):
        raise problem
    return message


def access_file(*, user: Participant, key: str) -> File:
    """Return the file if `user` may download it: they can see its message, or uploaded it and have not posted it yet.

    Raises:
        ChatError: `not_found`, for all others, and for a missing file, a picture, or an archive to import.
    """
    file = File.objects.stored().select_related("message__room").filter(key=key, kept=False, archive=False).first()
    if file is None:
        raise not_found("file")
    message = file.message
    if message is None:
        if file.uploader_id != user.pk:
            raise not_found("file")
        return file
    try:
        room = access_room(user=user, slug=message.room.slug).room
    except ChatError:
        raise not_found("file") from None
    if message.deleted_at or message.seq < room.cleared_before_seq:
        raise not_found("file")
    return file


def access_picture(*, user: Participant, key: str) -> File:
    """Return the picture of a user, for everyone signed in, or of a room, for those who may read the room.

    Raises:
        ChatError: `not_found`.
    """
    file = File.objects.stored().select_related("room").filter(key=key, kept=True).first()
    if file is None:
        raise not_found("picture")
    if file.room is not None:
        try:
            access_room(user=user, slug=file.room.slug)
        except ChatError:
            raise not_found("picture") from None
    return file


def access_upload(*, user: Participant, key: str) -> File:
    """Return an upload of this user that is not part of a message yet.

    Raises:
        ChatError: `not_found`.
    """
    file = File.objects.present().filter(key=key, uploader=user, message=None, kept=False).first()
    if file is None:
        raise not_found("upload")
    return file


def actor_of(*, user: Participant, room: Room, membership: Membership | None) -> Actor:
    """Return the user's relation to this room, as input for the rules."""
    ban = None if membership else ban_of(user_id=user.pk, room_id=room.pk, now=timezone.now())
    return _actor(user, room, membership, ban)


def _actor(user: Participant, room: Room, membership: Membership | None, ban: Ban | None) -> Actor:
    return Actor(
        kind=room.kind,
        archived=room.archived,
        role=membership.role if membership else None,
        staff=user.is_staff,
        may_moderate=user.may_moderate,
        banned=ban is not None,
        ban_reason=ban.reason if ban else "",
        banned_until=ban.until if ban else None,
        muted_until=membership.muted_until if membership else None,
        announcing=room.posting == Room.Posting.MODERATORS,
        pinning=room.pinning == Room.Pinning.EVERYONE,
        calling=room.calling == Room.Who.EVERYONE,
        adding=room.adding == Room.Who.EVERYONE,
        edit_history=room.edit_history,
        slow_until=_slow_until(room, membership),
    )


def _slow_until(room: Room, membership: Membership | None) -> datetime | None:
    if not room.slow_seconds or membership is None or membership.posted_at is None:
        return None
    return membership.posted_at + timedelta(seconds=room.slow_seconds)


def ban_of(*, user_id: int, room_id: int, now: datetime) -> Ban | None:
    """Return the ban in effect at `now`, or None."""
    return _lasting(now).filter(user_id=user_id, room_id=room_id).first()


def _lasting(now: datetime) -> QuerySet[Ban]:
    return Ban.objects.filter(Q(until=None) | Q(until__gt=now))
