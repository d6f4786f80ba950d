"""Subscribes a socket to rooms: reads a snapshot, attaches the socket to the live stream, and sends both."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import partial

from chat.identity import Identity
from chat.live import db
from chat.live.hub import Hub
from chat.live.join_limits import pay_for_joining
from chat.live.snapshots import JoinSnapshot, RoomsPage, read_join, read_rooms
from chat.live.socket import Socket, Subscription
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, unavailable

# Reads of a snapshot before giving up: a room may change faster than its snapshot is read.
ATTEMPTS = 5


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
            read_join, socket.user, slug, hub.snapshots, hub.room_sizes, with_history=with_history, pay=paying
        )
        return await hold_room(hub, socket, entered, known, request_id=request_id)

    await _retry_until_attached(attempt)


async def hold_room(
    hub: Hub, socket: Socket, entered: JoinSnapshot, known: Identity, *, request_id: str | None = None
) -> bool:
    """Hold and open a room that was read as the user `known`; False when it must be read again."""
    greeting = [entered.joined.model_copy(update={"request_id": request_id}).encode()]
    if entered.page is not None:
        greeting.append(entered.page)
    held = Subscription(entered.joined.room, entered.joined.rev)
    if not await hub.subscriptions.attach(socket, {entered.room_id: held}, greeting):
        return False
    _reauthorize_if_changed(hub, socket, known)
    if socket.open and not entered.large:
        # Not in large rooms: a thousand clients reconnecting at once would cause a million frames.
        hub.room_presence.enter(socket, entered.room_id)
        for username in entered.typing:
            socket.send(events.Typing(room=held.slug, username=username, is_typing=True))
    return True


async def enter_all(hub: Hub, socket: Socket) -> None:
    """Hold all rooms of the user: sends `rooms`, in pages of ROOMS_PAGE, then live events."""
    known = socket.identity
    online: dict[str, events.PresenceStatus] = {}
    last = ""
    more = True

    async def attempt() -> bool:
        nonlocal last, more
        page = await db.run(read_rooms, socket.user, hub.presence.lingering, hub.room_sizes, after=last)
        if not await _hold(hub, socket, page):
            return False
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
    _end(hub, socket, online, known)


async def hold_rooms(hub: Hub, socket: Socket, page: RoomsPage, known: Identity) -> bool:
    """Hold all rooms, which were read as the user `known`; False when they must be read again."""
    if not await _hold(hub, socket, page):
        return False
    if socket.open:
        _end(hub, socket, page.online, known)
    return True


async def _hold(hub: Hub, socket: Socket, page: RoomsPage) -> bool:
    attached = await hub.subscriptions.attach(socket, page.rooms, [page.frame])
    if attached:
        socket.sent_entries.update(page.parts)
    return attached


def _end(hub: Hub, socket: Socket, online: dict[str, events.PresenceStatus], known: Identity) -> None:
    """Finish the greeting: all rooms are held."""
    socket.greeted = True
    _reauthorize_if_changed(hub, socket, known)
    if online:
        socket.send(events.Presence(users=dict(sorted(online.items()))))


def _only_members() -> None:
    raise ChatError(Code.FORBIDDEN, "This token may only read. Join the room first.")


def _reauthorize_if_changed(hub: Hub, socket: Socket, known: Identity) -> None:
    """Reauthorize the user if they were reauthorized during the read: they may have lost a room of the snapshot."""
    if socket.identity is not known:
        hub.user_sockets.reauthorize([socket.user_id])


async def _retry_until_attached(attempt: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(ATTEMPTS):
        if await attempt():
            return
    raise unavailable()
