"""The first events of a socket: `authenticated`, then all its rooms, or the one its address names."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from chat.identity import Identity
from chat.live import db
from chat.live.arrivals import Arrival, Greeting
from chat.live.hub import Hub
from chat.live.socket import Socket
from chat.live.subscribe import enter_all, enter_room, hold_room, hold_rooms
from chat.models import Participant
from chat.protocol import events
from chat.protocol.errors import ChatError, Close, Code
from chat.queries.addresses import slug_at
from chat.rules import permissions

_CLOSE_CODES = {Code.NOT_FOUND: Close.NO_SUCH_ROOM, Code.BANNED: Close.REMOVED, Code.UNAVAILABLE: Close.RESTART}


async def greet(hub: Hub, socket: Socket, room: str | None) -> str | None:
    """Register the socket, and send `authenticated` and all rooms of its user, or only `room` with its newest page.
    Returns the slug of `room`, which may be given as one of its addresses.

    Raises:
        ChatError: when the user may not enter; see `close_code`.
    """
    if hub.draining:
        socket.close(Close.RESTART)
        return room
    most = settings.CHAT_SOCKETS_PER_USER
    if most and hub.sockets_of(socket.user_id) >= most:
        socket.close(Close.TOO_MANY_SOCKETS)
        return room
    if "read" not in socket.identity.scopes:
        problem = ChatError(Code.FORBIDDEN, "This token may not read. Use one with the scope read.")
        socket.send(events.Error.of(problem))
        socket.close(Close.NOT_SIGNED_IN)
        return room
    # Registered before its facts are read, so that it gets later changes; but sends none before `authenticated`.
    with socket.queue.behind_first() as first:
        hub.add(socket)
        known = socket.identity
        greeting = await hub.arrivals.read(Arrival(socket.user, room))
        epoch = await hub.reconciler.epoch()
        first.append(authenticated(socket.user, greeting.own, epoch=epoch).encode())
        if not socket.open or await _held(hub, socket, greeting, known):
            return room
    await socket.queue.flushed()
    if not socket.open:
        # Closed while it waited: spare the reads.
        return room
    if room is None:
        await enter_all(hub, socket)
        return None
    return await _enter(hub, socket, room)


async def _enter(hub: Hub, socket: Socket, room: str) -> str:
    try:
        await enter_room(hub, socket, room, with_history=True)
    except ChatError as error:
        slug = await db.run(slug_at, room) if error.code == Code.NOT_FOUND else None
        if not slug:
            raise
        await enter_room(hub, socket, slug, with_history=True)
        return slug
    return room


async def _held(hub: Hub, socket: Socket, greeting: Greeting, known: Identity) -> bool:
    """Hold the rooms read with the greeting: they are sent with `authenticated`, in one write."""
    if greeting.rooms:
        return await hold_rooms(hub, socket, greeting.rooms, known)
    if greeting.entered:
        return await hold_room(hub, socket, greeting.entered, known)
    return False


def authenticated(user: Participant, own: dict[str, Any], *, epoch: str) -> events.Authenticated:
    """Return the event with the user's own facts (`own`, see `own_facts`), the limits and the permissions."""
    return events.Authenticated(
        user_id=user.pk,
        username=user.username,
        display_name=user.shown_name,
        staff=user.is_staff,
        epoch=epoch,
        server_time=events.stamp(datetime.now(UTC)),
        limits={
            "message_chars": settings.CHAT_MESSAGE_MAX_CHARS,
            "frame_bytes": settings.CHAT_FRAME_MAX_BYTES,
            "history_page": settings.CHAT_HISTORY_PAGE,
            "file_bytes": settings.CHAT_FILE_MAX,
            "files_per_message": settings.CHAT_FILES_PER_MESSAGE,
        },
        may=permissions(staff=user.is_staff),
        **own,
    )


def close_code(error: ChatError) -> Close:
    """The close code for a socket that could not be greeted because of `error`."""
    return _CLOSE_CODES.get(error.code, Close.NO_SUCH_ROOM)
