"""Subscribes a socket to rooms: reads a snapshot, attaches the socket to the live stream, and sends both."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from chat.identity import Identity
from chat.live import db
from chat.live.hub import Hub
from chat.live.join_limits import pay_for_joining
from chat.live.snapshot_cache import RoomSizeCache, RoomSnapshotCache
from chat.live.socket import Socket, Subscription
from chat.models import Participant
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, unavailable
from chat.queries.counts import counted
from chat.queries.people import online_near
from chat.queries.rooms import ROOMS_PAGE, Part, joined_room, room_entries
from chat.services.members import room_join

# Reads of a snapshot before giving up: a room may change faster than its snapshot is read.
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class JoinSnapshot:
    """A room as read by a join: what is sent before its live events."""

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


async def enter_room(hub: Hub, socket: Socket, slug: str, *, with_history: bool, request_id: str | None = None) -> None:
    """Join, hold and open a room: sends `joined_room`, the newest page if wanted, then live events.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden`, `unavailable`.
    """

    async def attempt() -> bool:
        known = socket.identity
        may_join = "write" in socket.identity.scopes
        paying = partial(pay_for_joining, hub, socket.user) if may_join else _only_members
        entered = await db.run(
            _join_and_read, socket.user, slug, hub.snapshots, hub.room_sizes, with_history=with_history, pay=paying
        )
        greeting = [entered.joined.model_copy(update={"request_id": request_id}).encode()]
        if entered.page is not None:
            greeting.append(entered.page)
        held = Subscription(entered.joined.room, entered.joined.rev)
        if not await hub.subscriptions.attach(socket, {entered.room_id: held}, greeting):
            return False
        _reauthorize_if_changed(hub, socket, known)
        if socket.open and not entered.large:
            # Not in large rooms: a thousand clients that reconnect at once would cause a million frames.
            hub.room_presence.enter(socket, entered.room_id)
            for username in entered.typing:
                socket.send(events.Typing(room=held.slug, username=username, is_typing=True))
        return True

    await _retry_until_attached(attempt)


async def enter_all(hub: Hub, socket: Socket) -> None:
    """Hold all rooms of the user: sends `rooms`, in pages of ROOMS_PAGE, then live events."""
    known = socket.identity
    online: dict[str, events.PresenceStatus] = {}
    last = ""
    more = True

    async def attempt() -> bool:
        nonlocal last, more
        page = await db.run(_read_rooms, socket.user, hub.presence.lingering, hub.room_sizes, after=last)
        if not await hub.subscriptions.attach(socket, page.rooms, [page.frame]):
            return False
        socket.sent_entries.update(page.parts)
        online.update(page.online)
        last, more = page.last, page.more
        return True

    while more:
        async with hub.further_pages if last else nullcontext():
            await _retry_until_attached(attempt)
        if not socket.open:
            return
        if more:
            # Free the memory of one page before the next is read.
            await socket.queue.flushed()
    socket.greeted = True
    _reauthorize_if_changed(hub, socket, known)
    if online:
        socket.send(events.Presence(users=dict(sorted(online.items()))))


def _join_and_read(
    user: Participant,
    slug: str,
    snapshots: RoomSnapshotCache,
    sizes: RoomSizeCache,
    *,
    with_history: bool,
    pay: Callable[[], None] = lambda: None,
) -> JoinSnapshot:
    membership = counted(room_join(user=user, room=slug, pay=pay)[0])
    room = membership.room
    occupancy = snapshots.occupancy(room)
    # The row of the user's own socket may not be written yet.
    occupancy.online.add(user.pk)
    return JoinSnapshot(
        room.pk,
        not sizes.small([room.pk]),
        joined_room(user, membership, members_online=len(occupancy.online)),
        snapshots.page(room) if with_history else None,
        [username for user_id, username in occupancy.typing if user_id != user.pk],
    )


def _only_members() -> None:
    raise ChatError(Code.FORBIDDEN, "This token may only read. Join the room first.")


def _read_rooms(user: Participant, lingering: frozenset[int], sizes: RoomSizeCache, *, after: str = "") -> RoomsPage:
    rooms = room_entries(user, after=after, most=ROOMS_PAGE + 1)
    more = len(rooms) > ROOMS_PAGE
    rooms = rooms[:ROOMS_PAGE]
    small = sizes.small(room.room_id for room in rooms)
    return RoomsPage(
        events.Rooms(rooms=[room.entry for room in rooms], more=more).encode(),
        {room.room_id: Subscription(room.entry.room, room.entry.rev) for room in rooms},
        {room.room_id: room.part for room in rooms},
        online_near(user.pk, small, lingering=lingering),
        rooms[-1].entry.room if rooms else "",
        more,
    )


def _reauthorize_if_changed(hub: Hub, socket: Socket, known: Identity) -> None:
    """Reauthorize again if the user was reauthorized during the read: they may have lost a room of the snapshot."""
    if socket.identity is not known:
        hub.user_sockets.reauthorize([socket.user_id])


async def _retry_until_attached(attempt: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(ATTEMPTS):
        if await attempt():
            return
    raise unavailable()
