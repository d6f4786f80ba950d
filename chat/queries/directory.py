"""Searching: public rooms, people, and the other person of a direct room."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from chat.lib.ascii import AsciiLower
from chat.models import Block, Membership, Participant, Room
from chat.protocol.errors import ChatError, Code, not_found

# Size of one list to choose from; a client narrows it by more letters.
PEOPLE_MAX = 20
PUBLIC_ROOMS_MAX = 500
# People of a group conversation.
GROUP_MIN, GROUP_MAX = 3, 10


@dataclass(frozen=True, slots=True)
class Listed:
    """A public room as the directory shows it to one person."""

    room: Room
    members: int
    joined: bool


def public_rooms(user: Participant) -> list[Listed]:
    """The public rooms that are not archived, those with the most members first. One query."""
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC, archived=False).annotate(
        people=Count("memberships", filter=Q(memberships__user__is_active=True)),
        joined=Exists(Membership.objects.filter(room=OuterRef("pk"), user=user)),
    )
    rows = rooms.order_by("-people", AsciiLower("slug"))[:PUBLIC_ROOMS_MAX]
    return [Listed(room, room.people, room.joined) for room in rows]


def people_named(start: str) -> list[Participant]:
    """Active people whose username, or a word of whose shown name, begins with this text. One query."""
    start = start.strip().removeprefix("@")
    people = Participant.objects.filter(is_active=True)
    if start:
        named = Q(username__istartswith=start) | Q(display_name__istartswith=start)
        people = people.filter(named | Q(display_name__icontains=f" {start}"))
    return list(people.order_by(AsciiLower("username"))[:PEOPLE_MAX])


def direct_room(*, user: Participant, username: str) -> tuple[Room | None, Participant]:
    """The direct room of two people, if they have one, and the other person. Three queries.

    Raises:
        ChatError: `not_found` when there is no such person, `forbidden` when that person blocks the caller.
    """
    other = Participant.objects.filter(username__iexact=username, is_active=True).first()
    if other is None:
        raise not_found("person")
    _check_not_blocked(user, {other.pk})
    return Room.objects.filter(slug=Room.direct_slug(user.pk, other.pk)).first(), other


def group_room(*, user: Participant, usernames: Iterable[str]) -> tuple[Room | None, str, set[int]]:
    """The group conversation of exactly the caller and these people, if there is one, its slug, and the ids of all its
    people. Three queries.

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
    """The number of active members of the room."""
    return room.memberships.filter(user__is_active=True).count()


def others_of_group(room: Room, user: Participant) -> list[Participant]:
    """The other people of a group, by username; none for other rooms. One query, or none."""
    if room.kind != Room.Kind.GROUP:
        return []
    others = room.memberships.exclude(user=user).select_related("user").order_by("user__username")
    return [membership.user for membership in others]


def group_title(others: Iterable[Participant]) -> str:
    """What a group is called: the names of its other people."""
    return ", ".join(other.shown_name for other in others)


def other_of_direct(room: Room, user: Participant) -> Participant | None:
    """The other person of a direct room, or oneself in the room with oneself. None for other rooms."""
    if room.kind != Room.Kind.DIRECT:
        return None
    other = room.memberships.exclude(user=user).select_related("user").first()
    return other.user if other else user
