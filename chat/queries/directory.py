"""Searching: public rooms, people, and the other person of a direct room."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from chat.models import Membership, Participant, Room
from chat.protocol.errors import not_found
from lib.ascii import AsciiLower

# Size of one list to choose from; a client narrows it by more letters.
PEOPLE_MAX = 20
PUBLIC_ROOMS_MAX = 500


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
    """The direct room of two people, if they have one, and the other person. Two queries.

    Raises:
        ChatError: `not_found` when there is no such person.
    """
    other = Participant.objects.filter(username__iexact=username, is_active=True).first()
    if other is None:
        raise not_found("person")
    return Room.objects.filter(slug=Room.direct_slug(user.pk, other.pk)).first(), other


def members_count(room: Room) -> int:
    """The number of active members of the room."""
    return room.memberships.filter(user__is_active=True).count()


def other_of_direct(room: Room, user: Participant) -> Participant | None:
    """The other person of a direct room, or oneself in the room with oneself. None for other rooms."""
    if room.kind != Room.Kind.DIRECT:
        return None
    other = room.memberships.exclude(user=user).select_related("user").first()
    return other.user if other else user
