"""What a socket is greeted with: snapshots read in one go, and the way from a snapshot to the live stream."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from accounts.identity import Identity
from accounts.models import User
from chat.live import db
from chat.live.hub import Hub
from chat.live.join_limits import pay_for_joining
from chat.live.snapshot_cache import RoomSizeCache, RoomSnapshotCache
from chat.live.socket import Socket, Subscription
from chat.protocol import events
from chat.protocol.errors import unavailable
from chat.queries.counts import counted
from chat.queries.people import online_near
from chat.queries.rooms import ROOMS_PAGE, Part, joined_room, room_entries
from chat.services.members import room_join

# A room that changes faster than its snapshot is read needs another look; so many are enough for any real one.
LOOKS = 5


@dataclass(frozen=True, slots=True)
class Entered:
    room_id: int
    large: bool
    joined: events.JoinedRoom
    page: str | None
    typing: list[str]


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of the person's rooms, and who is online in them."""

    frame: str
    rooms: dict[int, Subscription]
    parts: dict[int, Part]
    online: list[str]
    # The slug of the last one, and whether there are others after it.
    last: str
    more: bool


async def enter_room(hub: Hub, socket: Socket, slug: str, *, with_history: bool, request_id: str | None = None) -> None:
    """Join and hold a room, and open it: `joined_room`, the newest page if wanted, then live events.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden`, `unavailable`.
    """

    async def look() -> bool:
        known = socket.identity
        paying = partial(pay_for_joining, hub, socket.user)
        entered = await db.run(
            _enter, socket.user, slug, hub.snapshots, hub.room_sizes, with_history=with_history, pay=paying
        )
        greeting = [entered.joined.model_copy(update={"request_id": request_id}).encode()]
        if entered.page is not None:
            greeting.append(entered.page)
        held = Subscription(entered.joined.room, entered.joined.rev)
        if not await hub.subscriptions.attach(socket, {entered.room_id: held}, greeting):
            return False
        _check_if_changed(hub, socket, known)
        if socket.open and not entered.large:
            # A thousand who come back to one room at once would be a million frames.
            hub.room_presence.enter(socket, entered.room_id)
            for username in entered.typing:
                socket.tell(events.Typing(room=held.slug, username=username, is_typing=True))
        return True

    await _until_seamless(look)


async def enter_all(hub: Hub, socket: Socket) -> None:
    """Hold all rooms of the person: `rooms`, in pages where there are very many, then live events."""
    known = socket.identity
    online: set[str] = set()
    last = ""
    more = True

    async def look() -> bool:
        nonlocal last, more
        overview = await db.run(_overview, socket.user, hub.presence.lingering, hub.room_sizes, after=last)
        if not await hub.subscriptions.attach(socket, overview.rooms, [overview.frame]):
            return False
        socket.sent_entries.update(overview.parts)
        online.update(overview.online)
        last, more = overview.last, overview.more
        return True

    while more:
        async with hub.further_pages if last else nullcontext():
            await _until_seamless(look)
        if not socket.open:
            return
        if more:
            # What was read and written of one page is gone before the next is read.
            await socket.queue.flushed()
    socket.greeted = True
    _check_if_changed(hub, socket, known)
    if online:
        socket.tell(events.Presence(users=dict.fromkeys(sorted(online), "online")))


def _enter(
    user: User,
    slug: str,
    snapshots: RoomSnapshotCache,
    sizes: RoomSizeCache,
    *,
    with_history: bool,
    pay: Callable[[], None] = lambda: None,
) -> Entered:
    membership = counted(room_join(user=user, room=slug, pay=pay)[0])
    room = membership.room
    crowd = snapshots.crowd(room)
    # Their socket may not be on record yet.
    crowd.online.add(user.pk)
    return Entered(
        room.pk,
        not sizes.small([room.pk]),
        joined_room(user, membership, members_online=len(crowd.online)),
        snapshots.page(room) if with_history else None,
        [username for user_id, username in crowd.typing if user_id != user.pk],
    )


def _overview(user: User, lingering: frozenset[int], sizes: RoomSizeCache, *, after: str = "") -> Overview:
    rooms = room_entries(user, after=after, most=ROOMS_PAGE + 1)
    more = len(rooms) > ROOMS_PAGE
    rooms = rooms[:ROOMS_PAGE]
    small = sizes.small(room.room_id for room in rooms)
    return Overview(
        events.Rooms(rooms=[room.entry for room in rooms], more=more).encode(),
        {room.room_id: Subscription(room.entry.room, room.entry.rev) for room in rooms},
        {room.room_id: room.part for room in rooms},
        online_near(user.pk, small, lingering=lingering),
        rooms[-1].entry.room if rooms else "",
        more,
    )


def _check_if_changed(hub: Hub, socket: Socket, known: Identity) -> None:
    """The person was checked while their snapshot was on its way, and may have lost what they now hold."""
    if socket.identity is not known:
        hub.user_sockets.check([socket.user_id])


async def _until_seamless(look: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(LOOKS):
        if await look():
            return
    raise unavailable()
