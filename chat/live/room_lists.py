"""The lists of a room, for sockets and the API: its members, and the records that only its moderators may read."""

from chat.access import access_room
from chat.live import db
from chat.live.hub import Hub
from chat.models import Participant
from chat.protocol import events
from chat.queries.people import room_users
from chat.queries.records import room_audit, room_bans, room_reports
from chat.rules import Action


async def members(hub: Hub, user: Participant, room: str) -> list[events.UserEntry]:
    """Return the members, those online first.

    Raises:
        ChatError: as all functions of this module, when this user may not read the list.
    """
    return await db.run(_members, user, room, frozenset(hub.user_sockets.ids()))


async def bans(user: Participant, room: str, *, before: int | None) -> events.Bans:
    """Return the current bans, the newest first."""
    return await db.run(lambda: room_bans(access_room(user=user, slug=room, action=Action.BANS).room, before=before))


async def audit(user: Participant, room: str, *, before: int | None) -> events.Audit:
    """Return the moderators' actions, the newest first."""
    return await db.run(lambda: room_audit(access_room(user=user, slug=room, action=Action.AUDIT).room, before=before))


async def reports(user: Participant, room: str, *, before: int | None, closed: bool) -> events.Reports:
    """Return the open reports, or the closed ones, the newest first."""
    return await db.run(
        lambda: room_reports(
            access_room(user=user, slug=room, action=Action.REPORTS).room, before=before, closed=closed
        )
    )


def _members(user: Participant, room: str, here: frozenset[int]) -> list[events.UserEntry]:
    access = access_room(user=user, slug=room)
    moderator = access.actor if access.may(Action.MUTE) else None
    return room_users(access.room, here=here, moderator=moderator)
