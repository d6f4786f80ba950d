"""Reads the greetings of all sockets that connect at the same time, together.

When a network recovers, two thousand sockets connect at once. Read alone, each took six statements in three threads,
which compete with the event loop; read together, up to GREETED_AT_ONCE of them take six statements in one thread. Only
look-ups are read here: a user who joins a room for the first time, may not enter, or has very many rooms is read alone.
"""

from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from chat.access import may_enter
from chat.live import db
from chat.live.group_commit import GroupCommit
from chat.live.presence import Presence
from chat.live.snapshot_cache import RoomSizeCache, RoomSnapshotCache
from chat.live.snapshots import JoinSnapshot, RoomsPage, join_snapshot, rooms_page
from chat.models import Participant
from chat.protocol.errors import ChatError, Code
from chat.queries.counts import counted_all
from chat.queries.people import online_of
from chat.queries.profiles import own_facts_of
from chat.queries.rooms import ROOMS_PAGE, first_entries, memberships_by_slug

# Sockets greeted at a time: of 2,000 that connect at once, the first are greeted while the last wait. Otherwise all
# would wait until their clients time out.
GREETED_AT_ONCE = 32
# With more small rooms than this, the members online in them are read for each user separately.
ONLINE_ROOMS = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """A socket to greet."""

    user: Participant
    # The slug of the room that it enters; None for a socket of all rooms.
    room: str | None


@dataclass(frozen=True, slots=True)
class Greeting:
    """The data for the greeting of an arrival."""

    own: dict[str, Any]
    # None: must be read alone.
    rooms: RoomsPage | None = None
    entered: JoinSnapshot | None = None


class Arrivals:
    """Collects arrivals during a read, and reads them together in the next one."""

    def __init__(self, snapshots: RoomSnapshotCache, sizes: RoomSizeCache, presence: Presence) -> None:
        self._snapshots = snapshots
        self._sizes = sizes
        self._presence = presence
        self._reading: GroupCommit[Arrival, Greeting] = GroupCommit(self._read)

    async def read(self, arrival: Arrival) -> Greeting:
        """Return the greeting of this arrival, read after the call.

        Raises:
            ChatError: `unavailable`.
        """
        try:
            # In an empty context: the read serves several sockets, and must not log the ids of one.
            return await Context().run(self._reading.submit, arrival)
        except Exception as error:
            if isinstance(error, ChatError) and error.code == Code.UNAVAILABLE:
                raise
        # One arrival of the batch cannot be read: read this one alone, so that it does not fail the others.
        [greeting] = await self._read([arrival])
        return greeting

    async def _read(self, arrivals: Sequence[Arrival]) -> Sequence[Greeting]:
        return await db.run(greetings, arrivals, self._snapshots, self._sizes, lingering=self._presence.lingering)


def greetings(
    arrivals: Sequence[Arrival], snapshots: RoomSnapshotCache, sizes: RoomSizeCache, *, lingering: frozenset[int]
) -> list[Greeting]:
    """The greeting of each of these arrivals."""
    own = own_facts_of(arrival.user.pk for arrival in arrivals)
    pages = _pages([arrival.user for arrival in arrivals if arrival.room is None], sizes, lingering)
    entered = _entered([(one.user, one.room) for one in arrivals if one.room is not None], snapshots, sizes)
    return [
        Greeting(own[one.user.pk], rooms=pages.get(one.user.pk))
        if one.room is None
        else Greeting(own[one.user.pk], entered=entered.get((one.user.pk, one.room)))
        for one in arrivals
    ]


def _pages(users: Sequence[Participant], sizes: RoomSizeCache, lingering: frozenset[int]) -> dict[int, RoomsPage]:
    if not users:
        return {}
    held = {pk: rooms for pk, rooms in first_entries(users).items() if len(rooms) < ROOMS_PAGE}
    small = sizes.small({room.room_id for rooms in held.values() for room in rooms})
    near = {pk: small.intersection(room.room_id for room in rooms) for pk, rooms in held.items()}
    online = online_of(near, lingering=lingering) if len(set().union(*near.values())) <= ONLINE_ROOMS else None
    return {} if online is None else {pk: rooms_page(rooms, online[pk], more=False) for pk, rooms in held.items()}


def _entered(
    wishes: Sequence[tuple[Participant, str]], snapshots: RoomSnapshotCache, sizes: RoomSizeCache
) -> dict[tuple[int, str], JoinSnapshot]:
    if not wishes:
        return {}
    people = {(user.pk, slug): user for user, slug in wishes}
    held = memberships_by_slug(people)
    memberships = {
        key: membership
        for key, membership in zip(held, counted_all(list(held.values())), strict=True)
        if membership and may_enter(people[key], membership)
    }
    room_ids = {membership.room_id for membership in memberships.values()}
    occupancies, small = snapshots.occupancies(room_ids), sizes.small(room_ids)
    return {
        key: join_snapshot(
            *(people[key], membership), small=small, occupancies=occupancies, page=snapshots.page(membership.room)
        )
        for key, membership in memberships.items()
    }
