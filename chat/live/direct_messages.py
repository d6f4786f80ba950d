"""Reaching people who did not ask for it: by adding them to a room, or by being the first to write to them.

Nobody is asked whether they want to; so one person may do it to so many only, and who leaves stays away until
they are added again.
"""

import asyncio

from accounts.models import User
from chat.live import db
from chat.live.hub import Hub
from chat.models import Room
from chat.protocol.errors import ChatError, Code
from chat.queries.directory import direct_room
from chat.services.rooms import direct_room_open


def count_invitation(hub: Hub, user: User) -> None:
    """Raises ChatError `rate_limited` for one too many."""
    if wait := hub.invite_limit.take(user.pk, asyncio.get_running_loop().time()):
        raise ChatError(Code.RATE_LIMITED, "You have turned to many new people. Give it time.", retry_after=wait)


async def open_direct(hub: Hub, user: User, username: str) -> Room:
    """The room of two people, given to all their sockets, so that the message about to be posted reaches them.

    Raises:
        ChatError: `not_found` when there is no such person, `rate_limited`.
    """
    known, other = await db.run(direct_room, user=user, username=username)
    if known is None:
        count_invitation(hub, user)
    room = known or (await db.run(direct_room_open, user=user, username=username))[0]
    await hub.user_sockets.open_direct(room, {user.pk, other.pk})
    return room
