"""May this person do this here? Pure: no database, no clock of its own.

Owners stand above moderators, moderators above members. Staff stand above owners wherever they can see
the room at all; a private or direct room of which they are no member looks absent to them too. Only the
via_admin (the admin, behind permissions of its own) reaches into every room.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

from chat.protocol.errors import ChatError, Code, not_found
from chat.protocol.events import Permissions


class Action(StrEnum):
    READ = "read"
    JOIN = "join"
    LEAVE = "leave"
    POST = "post"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    TYPE = "type"
    INVITE = "invite"
    CLEAR = "clear"
    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"
    MUTE = "mute"
    UNMUTE = "unmute"
    TOPIC = "topic"
    SETTINGS = "settings"
    ROLE = "role"


MODERATION = frozenset({Action.CLEAR, Action.KICK, Action.BAN, Action.UNBAN, Action.MUTE, Action.UNMUTE, Action.TOPIC})
OWNERSHIP = frozenset({Action.SETTINGS, Action.ROLE})
# Whatever puts words, or a line about oneself, before others: adding people, topics and titles write lines.
SPEAKING = frozenset(
    {Action.POST, Action.EDIT, Action.REACT, Action.TYPE, Action.INVITE, Action.TOPIC, Action.SETTINGS}
)
# In a direct room two people talk; neither is above the other and neither can be sent away.
NOT_IN_DIRECT = MODERATION | OWNERSHIP | {Action.LEAVE, Action.INVITE, Action.JOIN}
# What people do in their own name. An edit from the via_admin is the removal of a word that must not stand.
NOT_IN_OFFICE = frozenset({Action.JOIN, Action.LEAVE, Action.POST, Action.REACT, Action.TYPE})
# An archived room can still be read and left, and brought back by its owner.
IN_ARCHIVED = frozenset({Action.READ, Action.LEAVE, Action.SETTINGS})

_RANK = {None: 0, "member": 1, "moderator": 2, "owner": 3}
_STAFF_RANK = 4


@dataclass(frozen=True, slots=True)
class Actor:
    """A person before a room: all that a rule may look at. `role` None means no member."""

    kind: str
    archived: bool
    role: str | None
    staff: bool = False
    banned: bool = False
    ban_reason: str = ""
    # None: for good.
    banned_until: datetime | None = None
    muted_until: datetime | None = None
    # Acting from the admin, not from among the people of the room.
    via_admin: bool = False

    @property
    def rank(self) -> int:
        return _STAFF_RANK if self.staff else _RANK[self.role]

    @property
    def sees(self) -> bool:
        return self.role is not None or self.kind == "public"


def refusal(action: Action, person: Actor, *, now: datetime, own: bool = False) -> ChatError | None:
    """Why `person` may not do this, or None when they may. `own`: the message concerned is theirs."""
    if person.via_admin:
        return _refusal_via_admin(action, person)
    if not person.sees:
        return not_found("room")
    if person.role is None and person.banned:
        return _banned(person)
    if person.kind == "direct" and action in NOT_IN_DIRECT:
        return ChatError(Code.FORBIDDEN, "That cannot be done in a direct conversation.")
    if person.archived and action not in IN_ARCHIVED:
        return ChatError(Code.FORBIDDEN, "This room is archived. It can be read, but nothing can be added.")
    if action in {Action.READ, Action.JOIN}:
        return None
    if action in MODERATION or action in OWNERSHIP:
        needed, who = ("owner", "an owner") if action in OWNERSHIP else ("moderator", "a moderator")
        if person.rank < _RANK[needed]:
            return ChatError(Code.FORBIDDEN, f"Only {who} of this room may do that.")
        return muted_refusal(person, now=now) if action in SPEAKING else None
    if person.role is None:
        return ChatError(Code.FORBIDDEN, "Join the room first.")
    if action in SPEAKING and (muted := muted_refusal(person, now=now)):
        return muted
    if action is Action.EDIT and not own:
        return ChatError(Code.FORBIDDEN, "You can edit only your own messages.")
    if action is Action.DELETE and not own and (person.kind == "direct" or person.rank < _RANK["moderator"]):
        return ChatError(Code.FORBIDDEN, "Only a moderator of this room may delete other people's messages.")
    return None


def _banned(person: Actor) -> ChatError:
    until = person.banned_until.astimezone(UTC).isoformat(timespec="microseconds") if person.banned_until else ""
    fields = {name: fact for name, fact in (("reason", person.ban_reason), ("until", until)) if fact}
    return ChatError(Code.BANNED, "You are banned from this room.", fields=fields or None)


def muted_refusal(person: Actor, *, now: datetime) -> ChatError | None:
    """Why `person` may not speak in the room for now, or None. From the admin they speak for the via_admin."""
    if person.via_admin or person.muted_until is None or person.muted_until <= now:
        return None
    wait = (person.muted_until - now).total_seconds()
    return ChatError(Code.MUTED, "You are muted in this room for now.", retry_after=wait)


def _refusal_via_admin(action: Action, person: Actor) -> ChatError | None:
    """Staff put any room in order, an archived one too. They do not speak in it, nor take sides in a direct one."""
    if not person.staff:
        return ChatError(Code.FORBIDDEN, "Only staff may do that.")
    if person.kind == "direct" and action in NOT_IN_DIRECT:
        return ChatError(Code.FORBIDDEN, "That cannot be done in a direct conversation.")
    if action in NOT_IN_OFFICE:
        return ChatError(Code.FORBIDDEN, "That is done in the chat, by its people.")
    return None


def refusal_to_act_on(person: Actor, target: Actor, *, same: bool) -> ChatError | None:
    """Why `person` may not act on `target`: only downwards, and never on oneself."""
    if same:
        return ChatError(Code.FORBIDDEN, "You cannot do that to yourself.")
    if person.rank <= target.rank:
        return ChatError(Code.FORBIDDEN, "You can do that only to people whose role is below yours.")
    return None


# --- For clients, which hold no rules of their own --------------------------------------------------

# What a member finds beside their role: an open room, one they are muted in, an archived one, two people alone.
_PLACES = {
    "open": Actor(kind="public", archived=False, role=None),
    "muted": Actor(kind="public", archived=False, role=None, muted_until=datetime.max.replace(tzinfo=UTC)),
    "archived": Actor(kind="public", archived=True, role=None),
    "direct": Actor(kind="direct", archived=False, role=None),
}
# To `delete` is to delete one's own message.
DELETE_OTHERS = "delete_others"


@cache
def permissions(*, staff: bool) -> Permissions:
    """What a member may do, as `refusal` has it: for every place a room can be to them, and every role there."""
    roles = [role for role in _RANK if role]
    return {
        place: {role: _allowed(replace(standing, role=role, staff=staff)) for role in roles}
        for place, standing in _PLACES.items()
    }


def _allowed(person: Actor) -> tuple[str, ...]:
    now = datetime.min.replace(tzinfo=UTC)
    names = [action.value for action in Action if not refusal(action, person, now=now, own=True)]
    if not refusal(Action.DELETE, person, now=now):
        names.append(DELETE_OTHERS)
    return tuple(names)
