"""The rules: may this person do this in this room? Pure: no database, no clock.

Owners rank above moderators, moderators above members. Staff rank above owners in every room that they can see; a
private or direct room is hidden from staff who are not members. Only the admin (`via_admin`, with its own permissions)
reaches every room.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

from chat.protocol.errors import ChatError, Code, not_found
from chat.protocol.events import Permissions

# Kinds of rooms that are conversations of certain people.
CONVERSATIONS = frozenset({"direct", "group"})


class Action(StrEnum):
    """An action of a person in a room."""

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
    BANS = "bans"
    AUDIT = "audit"
    REPORT = "report"
    REPORTS = "reports"
    CALL_ALL = "call_all"
    PIN = "pin"
    VERSIONS = "versions"


# Reading the moderators' records.
RECORDS = frozenset({Action.BANS, Action.AUDIT, Action.REPORTS})
MODERATION = RECORDS | {
    *(Action.CLEAR, Action.KICK, Action.BAN, Action.UNBAN, Action.MUTE, Action.UNMUTE, Action.TOPIC),
    *(Action.CALL_ALL,),
}
OWNERSHIP = frozenset({Action.SETTINGS, Action.ROLE})
# The actions for which a token needs the scope `moderate`.
SCOPE_MODERATE = (MODERATION - {Action.CALL_ALL}) | OWNERSHIP
# Actions that show others a text or a system line of the person: invitations, topics and titles write such lines.
SPEAKING = frozenset(
    {
        *(Action.POST, Action.EDIT, Action.REACT, Action.TYPE, Action.INVITE, Action.TOPIC, Action.SETTINGS),
        *(Action.CALL_ALL, Action.PIN),
    }
)
# In a direct or group conversation all members have the same rank, and none can be removed. Each may mention all.
NOT_IN_DIRECT = (MODERATION - {Action.CALL_ALL}) | OWNERSHIP | {Action.LEAVE, Action.INVITE, Action.JOIN}
# Actions in the person's own name. (An edit from the admin is allowed: it removes a text that must not stay.)
NOT_VIA_ADMIN = frozenset(
    {Action.JOIN, Action.LEAVE, Action.POST, Action.REACT, Action.TYPE, Action.REPORT, Action.CALL_ALL, Action.PIN}
)
# An archived room can be read and left, and restored by its owner.
IN_ARCHIVED = frozenset({Action.READ, Action.LEAVE, Action.SETTINGS, Action.REPORT, Action.VERSIONS}) | RECORDS
# Actions of moderators only, in a room for announcements. Others read and react.
ANNOUNCING = frozenset({Action.POST, Action.EDIT, Action.TYPE})

_RANK = {None: 0, "member": 1, "moderator": 2, "owner": 3}
_STAFF_RANK = 4


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in relation to a room: everything that a rule reads. `role` None: not a member."""

    kind: str
    archived: bool
    role: str | None
    staff: bool = False
    banned: bool = False
    ban_reason: str = ""
    # None: permanently.
    banned_until: datetime | None = None
    muted_until: datetime | None = None
    # Only moderators may write in the room.
    announcing: bool = False
    # Every member may pin messages in the room.
    pinning: bool = False
    # Every member may mention all others at once.
    calling: bool = False
    # Every member may add people.
    adding: bool = True
    # Who may read earlier texts of messages besides their authors: `off`, `moderators`, `members`.
    edit_history: str = "moderators"
    # Slow mode: the person may send the next message from this time on.
    slow_until: datetime | None = None
    # False: the person acts with a token without the scope `moderate`.
    may_moderate: bool = True
    # The person acts from the admin, not as a member.
    via_admin: bool = False

    @property
    def rank(self) -> int:
        """The rank that `refusal_to_act_on` compares."""
        return _STAFF_RANK if self.staff else _RANK[self.role]

    @property
    def sees(self) -> bool:
        """Whether the person can see that the room exists."""
        return self.role is not None or self.kind == "public"


def refusal(action: Action, person: Actor, *, now: datetime, own: bool = False) -> ChatError | None:
    """Return why `person` may not do this, or None when they may. `own`: the person wrote the message concerned."""
    if person.via_admin:
        return _refusal_via_admin(action, person)
    if not person.sees:
        return not_found("room")
    if person.role is None and person.banned:
        return _banned(person)
    if person.kind in CONVERSATIONS and action in NOT_IN_DIRECT:
        return ChatError(Code.FORBIDDEN, "You can't do that in a direct message.")
    if person.archived and action not in IN_ARCHIVED:
        return ChatError(Code.FORBIDDEN, "This room is archived. It can be read, but nothing can be added.")
    if action in {Action.READ, Action.JOIN}:
        return None
    if action is Action.VERSIONS:
        return _versions_refusal(person, own=own)
    if not person.may_moderate and (action in SCOPE_MODERATE or (action is Action.DELETE and not own)):
        return _without_scope()
    if action in MODERATION or action in OWNERSHIP:
        needed, who = ("owner", "an owner") if action in OWNERSHIP else ("moderator", "a moderator")
        if person.rank < _RANK[needed] and not (action is Action.CALL_ALL and _members_call(person)):
            return ChatError(Code.FORBIDDEN, f"Only {who} of this room may do that.")
        return muted_refusal(person, now=now) if action in SPEAKING else None
    if person.role is None:
        return ChatError(Code.FORBIDDEN, "Join the room first.")
    if action in SPEAKING and (muted := muted_refusal(person, now=now)):
        return muted
    if person.rank < _RANK["moderator"]:
        if person.announcing and action in ANNOUNCING:
            return ChatError(Code.FORBIDDEN, "Only moderators write in this room. You can react to messages.")
        if action is Action.POST and person.slow_until and person.slow_until > now:
            wait = (person.slow_until - now).total_seconds()
            return ChatError(Code.RATE_LIMITED, "Slow mode: wait before you send again.", retry_after=wait)
    if action is Action.PIN and not person.pinning and person.kind not in CONVERSATIONS:
        return _unless_moderator(person, ChatError(Code.FORBIDDEN, "Only a moderator of this room may pin messages."))
    if action is Action.INVITE and not person.adding:
        return _unless_moderator(person, ChatError(Code.FORBIDDEN, "Only a moderator of this room may add people."))
    if action is Action.EDIT and not own:
        return ChatError(Code.FORBIDDEN, "You can edit only your own messages.")
    if action is Action.DELETE and not own and (person.kind in CONVERSATIONS or person.rank < _RANK["moderator"]):
        return ChatError(Code.FORBIDDEN, "Only a moderator of this room may delete other people's messages.")
    return None


def _versions_refusal(person: Actor, *, own: bool) -> ChatError | None:
    """A moderator's token without the scope may read the same earlier texts as a member."""
    if person.role is None:
        return ChatError(Code.FORBIDDEN, "Join the room first.")
    if person.edit_history == "off":
        return ChatError(Code.FORBIDDEN, "This room keeps no earlier texts.")
    if own or person.edit_history == "members":
        return None
    if person.kind in CONVERSATIONS or person.rank < _RANK["moderator"]:
        return ChatError(Code.FORBIDDEN, "Only the author and moderators may read earlier texts.")
    return None if person.may_moderate else _without_scope()


def _members_call(person: Actor) -> bool:
    """Return whether the person may mention all others at once without being a moderator."""
    return person.kind in CONVERSATIONS or (person.calling and person.role is not None)


def _unless_moderator(person: Actor, problem: ChatError) -> ChatError | None:
    """Why a member may not do what the room's settings leave to moderators: `problem`, or None for a moderator."""
    if person.rank < _RANK["moderator"]:
        return problem
    return None if person.may_moderate else _without_scope()


def staff_refusal(sentence: str, *, staff: bool, may_moderate: bool) -> ChatError | None:
    """Return why a person may not do what only staff may do, outside any room, or None. `sentence`: for non-staff."""
    return scope_refusal(may_moderate=may_moderate) if staff else ChatError(Code.FORBIDDEN, sentence)


def scope_refusal(*, may_moderate: bool) -> ChatError | None:
    """Return why a token without the scope `moderate` may not do what its user's rank allows, or None."""
    return None if may_moderate else _without_scope()


def _without_scope() -> ChatError:
    return ChatError(Code.FORBIDDEN, "This token may not moderate. Use one with the scope moderate.")


def _banned(person: Actor) -> ChatError:
    until = person.banned_until.astimezone(UTC).isoformat(timespec="microseconds") if person.banned_until else ""
    fields = {name: fact for name, fact in (("reason", person.ban_reason), ("until", until)) if fact}
    return ChatError(Code.BANNED, "You are banned from this room.", fields=fields or None)


def muted_refusal(person: Actor, *, now: datetime) -> ChatError | None:
    """Return why `person` may not write in the room now, or None. A mute does not apply in the admin."""
    if person.via_admin or person.muted_until is None or person.muted_until <= now:
        return None
    wait = (person.muted_until - now).total_seconds()
    return ChatError(Code.MUTED, "You are muted in this room.", retry_after=wait)


def _refusal_via_admin(action: Action, person: Actor) -> ChatError | None:
    """Return why staff may not do this in the admin, or None. They can correct any room, even an archived one, but
    neither write in it nor moderate a conversation."""
    if not person.staff:
        return ChatError(Code.FORBIDDEN, "Only staff may do that.")
    if person.kind in CONVERSATIONS and action in NOT_IN_DIRECT:
        return ChatError(Code.FORBIDDEN, "You can't do that in a direct message.")
    if action in NOT_VIA_ADMIN:
        return ChatError(Code.FORBIDDEN, "Only the people in this conversation can do that.")
    return None


def refusal_to_act_on(person: Actor, target: Actor, *, same: bool) -> ChatError | None:
    """Return why `person` may not act on `target`, or None: the target must have a lower rank, and be someone else."""
    if same:
        return ChatError(Code.FORBIDDEN, "You cannot do that to yourself.")
    if person.rank <= target.rank:
        return ChatError(Code.FORBIDDEN, "You can only do that to people with a lower role than yours.")
    return None


# --- Permissions, sent to clients, which have no rules of their own --------------------------------

# The states of a room for a member: open, the member is muted, only moderators write, archived, direct.
_PLACES = {
    "open": Actor(kind="public", archived=False, role=None),
    "muted": Actor(kind="public", archived=False, role=None, muted_until=datetime.max.replace(tzinfo=UTC)),
    "announcing": Actor(kind="public", archived=False, role=None, announcing=True),
    "archived": Actor(kind="public", archived=True, role=None),
    "direct": Actor(kind="direct", archived=False, role=None),
}
# `delete` is about the person's own messages; this, about others'.
DELETE_OTHERS = "delete_others"
# `versions` is about the person's own messages, and about all if the room's `edit_history` is `members`.
VERSIONS_OF_OTHERS = "versions_of_others"
# `pin`: where only moderators may pin; this: where the room allows every member.
PIN_WHERE_ALLOWED = "pin_where_allowed"
# As with `pin`: `call_all`, and this where the room's `calling` is `everyone`.
CALL_ALL_WHERE_ALLOWED = "call_all_where_allowed"
# `invite`: where every member may add people; this: where the room's `adding` is `moderators`.
INVITE_WHERE_LIMITED = "invite_where_limited"


@cache
def permissions(*, staff: bool) -> Permissions:
    """Return a member's permissions, computed by `refusal` for every state of a room and every role."""
    roles = [role for role in _RANK if role]
    return {
        place: {role: _allowed(replace(actor, role=role, staff=staff)) for role in roles}
        for place, actor in _PLACES.items()
    }


def _allowed(person: Actor) -> tuple[str, ...]:
    now = datetime.min.replace(tzinfo=UTC)
    names = [action.value for action in Action if not refusal(action, person, now=now, own=True)]
    if not refusal(Action.DELETE, person, now=now):
        names.append(DELETE_OTHERS)
    if not refusal(Action.VERSIONS, person, now=now):
        names.append(VERSIONS_OF_OTHERS)
    if not refusal(Action.PIN, replace(person, pinning=True), now=now):
        names.append(PIN_WHERE_ALLOWED)
    if not refusal(Action.CALL_ALL, replace(person, calling=True), now=now):
        names.append(CALL_ALL_WHERE_ALLOWED)
    if not refusal(Action.INVITE, replace(person, adding=False), now=now):
        names.append(INVITE_WHERE_LIMITED)
    return tuple(names)
