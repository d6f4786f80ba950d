"""Direct messages, and the limit on contacting new people: by adding them to a room, or by a first direct message.

The recipient does not consent first, so this is rate-limited per sender (CHAT_INVITE_LIMIT).
"""

import asyncio

from chat.live import db
from chat.live.hub import Hub
from chat.models import Participant, Room
from chat.protocol.errors import ChatError, Code
from chat.queries.directory import direct_room, group_room
from chat.services.forwarding import Origin, source_of
from chat.services.rooms import direct_room_open, group_room_open


def count_invitation(hub: Hub, user: Participant) -> None:
    """Take one token of the user's invitations.

    Raises:
        ChatError: `rate_limited` when there is none left.
    """
    if wait := hub.invite_limit.take(user.pk, asyncio.get_running_loop().time()):
        raise ChatError(Code.RATE_LIMITED, "You have contacted many new people. Try again later.", retry_after=wait)


async def open_group(hub: Hub, user: Participant, usernames: list[str]) -> Room:
    """Return the group conversation of exactly these people and the caller, created if new, and attach all their
    sockets.

    Raises:
        ChatError: `invalid`, `not_found`, `forbidden` (see `group_room`), `rate_limited`.
    """
    known, _slug, people = await db.run(group_room, user=user, usernames=usernames)
    if known is None:
        count_invitation(hub, user)
    room = known or (await db.run(group_room_open, user=user, usernames=usernames))[0]
    await hub.user_sockets.open_direct(room, people)
    return room


async def open_direct(hub: Hub, user: Participant, username: str) -> Room:
    """Return the direct room of two users, created if new, and attach all their sockets: the next post reaches them.

    Raises:
        ChatError: `not_found` when there is no such user, `forbidden` when that user blocks the caller, `rate_limited`.
    """
    known, other = await db.run(direct_room, user=user, username=username)
    if known is None:
        count_invitation(hub, user)
    room = known or (await db.run(direct_room_open, user=user, username=username))[0]
    await hub.user_sockets.open_direct(room, {user.pk, other.pk})
    return room


async def open_direct_for(hub: Hub, user: Participant, username: str, origin: Origin) -> Room:
    """As `open_direct`, for forwarding a message: creates no conversation if the message cannot be forwarded.

    Raises:
        ChatError: as `open_direct` and `source_of`.
    """
    known, _ = await db.run(direct_room, user=user, username=username)
    if known is None:
        await db.run(source_of, user=user, origin=origin)
    return await open_direct(hub, user, username)
