"""Searching: public and archived rooms, people, and the other person of a direct room."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from chat.lib.ascii import AsciiLower
from chat.models import CONVERSATIONS, Block, Membership, Participant, Room
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.readable import readable_by
from chat.rules import Action, Actor, refusal

# Size of one list to choose from; a client narrows it by sending more characters.
PEOPLE_MAX = 20
PUBLIC_ROOMS_MAX = 500
# People of a group conversation.
GROUP_MIN, GROUP_MAX = 3, 10


@dataclass(frozen=True, slots=True)
class Listed:
    """A room as the directory shows it to one person. `may_restore`: it is archived, and the person may restore it."""

    room: Room
    members: int
    joined: bool
    may_restore: bool = False


def public_rooms(user: Participant) -> list[Listed]:
    """Return the public rooms that are not archived, largest first. One query."""
    rows = _listed(Room.objects.filter(kind=Room.Kind.PUBLIC, archived=False), user)
    return [Listed(room, room.people, room.role is not None) for room in rows]


def archived_rooms(user: Participant) -> list[Listed]:
    """Return the archived rooms that the person may read, largest first. One query."""
    now = timezone.now()

    def restores(role: str | None, kind: str) -> bool:
        actor = Actor(kind=kind, archived=True, role=role, staff=user.is_staff, may_moderate=user.may_moderate)
        return refusal(Action.SETTINGS, actor, now=now) is None

    archived = Room.objects.filter(readable_by(user), archived=True).exclude(kind__in=CONVERSATIONS)
    return [
        Listed(room, room.people, room.role is not None, restores(room.role, room.kind))
        for room in _listed(archived, user)
    ]


def _listed(rooms: QuerySet[Room], user: Participant) -> QuerySet[Any]:
    own = Membership.objects.filter(room=OuterRef("pk"), user=user).values("role")
    counted = rooms.annotate(
        people=Count("memberships", filter=Q(memberships__user__is_active=True)), role=Subquery(own[:1])
    )
    return counted.order_by("-people", AsciiLower("slug"))[:PUBLIC_ROOMS_MAX]


def people_named(start: str, *, staff: bool = False) -> list[Participant]:
    """Return active people whose username, or a word of their shown name, starts with this text; with `staff`, only
    administrators. One query."""
    start = start.strip().removeprefix("@")
    people = Participant.objects.filter(is_active=True, **({"is_staff": True} if staff else {}))
    if start:
        named = Q(username__istartswith=start) | Q(display_name__istartswith=start)
        people = people.filter(named | Q(display_name__icontains=f" {start}"))
    return list(people.order_by(AsciiLower("username"))[:PEOPLE_MAX])


def direct_room(*, user: Participant, username: str) -> tuple[Room | None, Participant]:
    """Return the direct room of two people, if they have one, and the other person. Three queries.

    Raises:
        ChatError: `not_found` when there is no such person, `forbidden` when that person blocks the caller.
    """
    other = Participant.objects.filter(username__iexact=username, is_active=True).first()
    if other is None:
        raise not_found("person")
    _check_not_blocked(user, {other.pk})
    return Room.objects.filter(slug=Room.direct_slug(user.pk, other.pk)).first(), other


def group_room(*, user: Participant, usernames: Iterable[str]) -> tuple[Room | None, str, set[int]]:
    """Return the group conversation of exactly the caller and these people, if it exists, its slug, and the ids of all
    its people. Three queries.

    Raises:
        ChatError: `invalid` when they are too few or too many, `not_found` when one of them does not exist, `forbidden`
            when one of them blocks the caller.
    """
    wanted = {name.lower() for name in usernames} - {user.username.lower()}
    if not GROUP_MIN - 1 <= len(wanted) <= GROUP_MAX - 1:
        problem = f"must name {GROUP_MIN - 1} to {GROUP_MAX - 1} other people"
        raise ChatError(Code.INVALID, f"to: {problem}.", fields={"to": problem})
    active = Participant.objects.filter(is_active=True).annotate(lowered=AsciiLower("username"))
    people = active.filter(lowered__in=wanted)
    found = set(people.values_list("pk", flat=True))
    if len(found) < len(wanted):
        raise not_found("person")
    _check_not_blocked(user, found)
    everyone = found | {user.pk}
    slug = Room.group_slug(everyone)
    return Room.objects.filter(slug=slug).first(), slug, everyone


def _check_not_blocked(user: Participant, others: Collection[int]) -> None:
    if Block.objects.filter(user__in=others, blocked=user).exists():
        # The blocked person gets no message about it.
        raise ChatError(Code.FORBIDDEN, "Not delivered.")


def members_count(room: Room) -> int:
    """Return the number of active members of the room."""
    return room.memberships.filter(user__is_active=True).count()


def others_of_group(room: Room, user: Participant) -> list[Participant]:
    """Return the other people of a group, by username; an empty list for other rooms. One query, or none."""
    if room.kind != Room.Kind.GROUP:
        return []
    others = room.memberships.exclude(user=user).select_related("user").order_by("user__username")
    return [membership.user for membership in others]


def group_title(others: Iterable[Participant]) -> str:
    """Return the title of a group: the names of its other people."""
    return ", ".join(other.shown_name for other in others)


def other_of_direct(room: Room, user: Participant) -> Participant | None:
    """Return the other person of a direct room, or the user in their room with themselves. None for other rooms."""
    if room.kind != Room.Kind.DIRECT:
        return None
    other = room.memberships.exclude(user=user).select_related("user").first()
    return other.user if other else user
