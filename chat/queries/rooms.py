"""What a person sees of their rooms: a constant number of queries for any number of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from chat.models import Membership, Room, ServerState
from chat.protocol import events
from chat.queries.counts import MENTIONED_MAX, mentioned, unread, with_counts


@dataclass(frozen=True, slots=True)
class HeldRoom:
    """One of a person's rooms, with the number its entry is true for."""

    room_id: int
    entry: events.RoomEntry


def room_entries(user: User, *, room_ids: Iterable[int] | None = None) -> list[HeldRoom]:
    """The person's rooms that are not archived, by slug; all of them, or those among `room_ids`."""
    memberships = with_counts(Membership.objects.filter(user=user, room__archived=False).select_related("room"))
    if room_ids is not None:
        memberships = memberships.filter(room_id__in=list(room_ids))
    rows = list(memberships.order_by("room__slug"))
    others = _others_of_direct(user, [row.room_id for row in rows if row.room.kind == Room.Kind.DIRECT])
    return [HeldRoom(row.room_id, _entry(row, others.get(row.room_id))) for row in rows]


def joined_room(user: User, membership: Membership, *, members_online: int) -> events.JoinedRoom:
    """`membership` from `counted`: the numbers and the counts are of one moment."""
    room = membership.room
    title = room.title
    if room.kind == Room.Kind.DIRECT:
        title = _others_of_direct(user, [room.pk]).get(room.pk, user).shown_name
    calls = mentioned(membership)
    return events.JoinedRoom(
        room=room.slug,
        title=title,
        topic=room.topic,
        kind=room.kind,
        role=membership.role,
        seq=room.last_seq,
        rev=room.last_rev,
        read_seq=membership.read_seq,
        members_online=members_online,
        unread=unread(membership),
        mentions=len(calls),
        mentioned=calls[-MENTIONED_MAX:],
    )


def room_heads(room_ids: Iterable[int]) -> dict[int, int]:
    """The last `rev` of each room. One query."""
    return dict(Room.objects.filter(pk__in=list(room_ids)).values_list("pk", "last_rev"))


def epoch() -> str:
    return str(ServerState.objects.get(pk=ServerState.SINGLETON).epoch)


def _entry(membership: Membership, other: User | None) -> events.RoomEntry:
    room, calls = membership.room, mentioned(membership)
    return events.RoomEntry(
        room=room.slug,
        title=other.shown_name if other else room.title,
        topic=room.topic,
        kind=room.kind,
        role=membership.role,
        seq=room.last_seq,
        rev=room.last_rev,
        read_seq=membership.read_seq,
        unread=unread(membership),
        mentions=len(calls),
        mentioned=calls[-MENTIONED_MAX:],
        notify=membership.notify,
        archived=room.archived,
        username=other.username if other else None,
        user_id=other.pk if other else None,
        muted_until=_muted_until(membership),
    )


def _muted_until(membership: Membership) -> str | None:
    until = membership.muted_until
    return events.stamp(until) if until and until > timezone.now() else None


def _others_of_direct(user: User, room_ids: list[int]) -> dict[int, User]:
    """The other person of each direct room; oneself in the room one shares with nobody."""
    if not room_ids:
        return {}
    rows = Membership.objects.filter(room_id__in=room_ids).select_related("user")
    found: dict[int, User] = {}
    for row in rows:
        if row.user_id != user.pk or row.room_id not in found:
            found[row.room_id] = row.user
    return found
