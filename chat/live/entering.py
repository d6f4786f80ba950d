"""What a socket is greeted with: snapshots read in one go, and the way from a snapshot to the live stream."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from accounts.credentials import Identity
from accounts.models import User
from chat.live import db
from chat.live.hub import Hub
from chat.live.people import part_of
from chat.live.socket import Held, Socket
from chat.models import Connection
from chat.protocol import events
from chat.protocol.errors import unavailable
from chat.queries.history import history_page
from chat.queries.people import members_online, online_near, people_typing
from chat.queries.rooms import HeldRoom, epoch, joined_room, room_entries
from chat.services.members import room_join

# A room that changes faster than its snapshot is read needs another look; so many are enough for any real one.
LOOKS = 5


@dataclass(frozen=True, slots=True)
class Entered:
    room_id: int
    joined: events.JoinedRoom
    page: events.History
    typing: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Overview:
    rooms: list[HeldRoom]
    online: list[str]


async def enter_room(hub: Hub, socket: Socket, slug: str, *, with_history: bool, request_id: str | None = None) -> None:
    """Join and hold a room, and open it: `joined_room`, the newest page if wanted, then live events.

    Raises:
        ChatError: `not_found`, `banned`, `forbidden`, `unavailable`.
    """

    async def look() -> bool:
        known = socket.identity
        entered = await db.run(_enter, socket.user, slug)
        greeting = [entered.joined.model_copy(update={"request_id": request_id}).encode()]
        if with_history:
            greeting.append(entered.page.encode())
        held = Held(entered.joined.room, entered.joined.rev)
        if not await hub.attach(socket, {entered.room_id: held}, greeting):
            return False
        _check_if_changed(hub, socket, known)
        if socket.open:
            hub.visitors.enter(socket, entered.room_id)
            for room, username in entered.typing:
                socket.tell(events.Typing(room=room, username=username, is_typing=True))
        return True

    await _until_seamless(look)


async def enter_all(hub: Hub, socket: Socket) -> None:
    """Hold all rooms of the person: `rooms`, then live events."""

    async def look() -> bool:
        known = socket.identity
        overview = await db.run(_overview, socket.user, hub.presence.lingering)
        greeting = [events.Rooms(rooms=[room.entry for room in overview.rooms]).encode()]
        rooms = {room.room_id: Held(room.entry.room, room.entry.rev) for room in overview.rooms}
        if not await hub.attach(socket, rooms, greeting):
            return False
        _check_if_changed(hub, socket, known)
        socket.told.update({room.room_id: part_of(room) for room in overview.rooms})
        if overview.online:
            socket.tell(events.Presence(users=dict.fromkeys(overview.online, "online")))
        return True

    await _until_seamless(look)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What is known of the server and the person when a socket opens."""

    epoch: str
    sockets_elsewhere: int


def welcome(user: User, process_id: UUID) -> Welcome:
    """The epoch, and how many sockets the person has on other live processes."""
    elsewhere = Connection.objects.live().filter(user=user).exclude(process_id=process_id)
    return Welcome(epoch(), elsewhere.count() if settings.CHAT_SOCKETS_PER_USER else 0)


def _enter(user: User, slug: str) -> Entered:
    membership, _ = room_join(user=user, room=slug)
    room = membership.room
    page = history_page(room, limit=settings.CHAT_HISTORY_PAGE)
    return Entered(
        room.pk,
        joined_room(user, membership, members_online=members_online(room.pk, arriving=user.pk)),
        events.History(room=room.slug, messages=page.messages, has_older=page.has_older, has_newer=page.has_newer),
        people_typing([room.pk], without=user.pk),
    )


def _overview(user: User, lingering: frozenset[int]) -> Overview:
    return Overview(room_entries(user), online_near(user.pk, lingering=lingering))


def _check_if_changed(hub: Hub, socket: Socket, known: Identity) -> None:
    """The person was checked while their snapshot was on its way, and may have lost what they now hold."""
    if socket.identity is not known:
        hub.people.check([socket.user_id])


async def _until_seamless(look: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(LOOKS):
        if await look():
            return
    raise unavailable()
