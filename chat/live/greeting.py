"""What a socket is sent first: who it is, then its rooms, or the one it was opened for."""

from datetime import UTC, datetime

from django.conf import settings

from chat.live.hub import Hub
from chat.live.socket import Socket
from chat.live.subscribe import enter_all, enter_room
from chat.protocol import events
from chat.protocol.errors import ChatError, Close, Code
from chat.rules import permissions

_CLOSE_CODES = {Code.NOT_FOUND: Close.NO_SUCH_ROOM, Code.BANNED: Close.REMOVED, Code.UNAVAILABLE: Close.RESTART}


async def greet(hub: Hub, socket: Socket, room: str | None) -> None:
    """Count the socket, and send it `authenticated` and all rooms of its person, or only `room` with its newest page.

    Raises:
        ChatError: when the person cannot enter; see `close_code`.
    """
    if hub.draining:
        socket.close(Close.RESTART)
        return
    most = settings.CHAT_SOCKETS_PER_USER
    if most and hub.sockets_of(socket.user_id) >= most:
        socket.close(Close.TOO_MANY_SOCKETS)
        return
    hub.add(socket)
    user = socket.user
    socket.tell(
        events.Authenticated(
            user_id=user.pk,
            username=user.username,
            display_name=user.shown_name,
            staff=user.is_staff,
            epoch=await hub.reconciler.epoch(),
            server_time=events.stamp(datetime.now(UTC)),
            limits={
                "message_chars": settings.CHAT_MESSAGE_MAX_CHARS,
                "frame_bytes": settings.CHAT_FRAME_MAX_BYTES,
                "history_page": settings.CHAT_HISTORY_PAGE,
            },
            may=permissions(staff=user.is_staff),
        )
    )
    await socket.queue.flushed()
    if not socket.open:
        # Gone before it was its turn: the rooms are left to those who are still there.
        return
    if room is None:
        await enter_all(hub, socket)
    else:
        await enter_room(hub, socket, room, with_history=True)


def close_code(error: ChatError) -> Close:
    """What a socket is closed with that could not be greeted because of `error`."""
    return _CLOSE_CODES.get(error.code, Close.NO_SUCH_ROOM)
