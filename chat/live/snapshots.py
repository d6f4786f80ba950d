"""The state of rooms that a socket is sent before their live events, as read by database threads."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from chat.live.snapshot_cache import RoomSizeCache, RoomSnapshotCache
from chat.live.socket import Subscription
from chat.models import Membership, Participant
from chat.protocol import events
from chat.queries.counts import counted
from chat.queries.people import RoomOccupancy, online_near
from chat.queries.rooms import ROOMS_PAGE, HeldRoom, Part, joined_room, room_entries
from chat.services.members import room_join


@dataclass(frozen=True, slots=True)
class JoinSnapshot:
    """A room as read by a join: sent before its live events."""

    room_id: int
    large: bool
    joined: events.JoinedRoom
    page: str | None
    typing: list[str]


@dataclass(frozen=True, slots=True)
class RoomsPage:
    """A page of the user's rooms, and the usernames online in them."""

    frame: str
    rooms: dict[int, Subscription]
    parts: dict[int, Part]
    online: dict[str, events.PresenceStatus]
    # The slug of the last room, and whether there are more after it.
    last: str
    more: bool


def read_join(
    user: Participant,
    slug: str,
    snapshots: RoomSnapshotCache,
    sizes: RoomSizeCache,
    *,
    with_history: bool,
    pay: Callable[[], None] = lambda: None,
) -> JoinSnapshot:
    """Join the room, if necessary, and read it. `pay`: see `room_join`.

    Raises:
        ChatError: as `room_join`.
    """
    membership = counted(room_join(user=user, room=slug, pay=pay)[0])
    room_id = membership.room_id
    return join_snapshot(
        user,
        membership,
        small=sizes.small([room_id]),
        occupancies=snapshots.occupancies([room_id]),
        page=snapshots.page(membership.room) if with_history else None,
    )


def join_snapshot(
    user: Participant,
    membership: Membership,
    *,
    small: Collection[int],
    occupancies: Mapping[int, RoomOccupancy],
    page: str | None,
) -> JoinSnapshot:
    """Return the snapshot of a membership from `counted`. `small`: the ids of rooms that are not large."""
    occupancy = occupancies[membership.room_id]
    # The row of the user's own socket may not be written yet.
    occupancy.online.add(user.pk)
    return JoinSnapshot(
        membership.room_id,
        membership.room_id not in small,
        joined_room(user, membership, members_online=len(occupancy.online)),
        page,
        [username for user_id, username in occupancy.typing if user_id != user.pk],
    )


def read_rooms(user: Participant, lingering: frozenset[int], sizes: RoomSizeCache, *, after: str = "") -> RoomsPage:
    """Return the first page of the user's rooms after the slug `after`."""
    rooms = room_entries(user, after=after, most=ROOMS_PAGE + 1)
    more = len(rooms) > ROOMS_PAGE
    rooms = rooms[:ROOMS_PAGE]
    small = sizes.small(room.room_id for room in rooms)
    return rooms_page(rooms, online_near(user.pk, small, lingering=lingering), more=more)


def rooms_page(rooms: Sequence[HeldRoom], online: dict[str, events.PresenceStatus], *, more: bool) -> RoomsPage:
    """Return a page of these rooms."""
    return RoomsPage(
        events.Rooms(rooms=[room.entry for room in rooms], more=more).encode(),
        {room.room_id: Subscription(room.entry.room, room.entry.rev) for room in rooms},
        {room.room_id: room.part for room in rooms},
        online,
        rooms[-1].entry.room if rooms else "",
        more,
    )
