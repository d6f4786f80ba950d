"""Searching messages."""

from chat.live.handlers.registry import Context, handles
from chat.live.searching import results
from chat.protocol import commands, events


@handles(commands.Search)
async def search(context: Context, command: commands.Search) -> events.Event:
    """Find messages in all rooms of the user."""
    return await results(
        context.socket.user,
        command.query,
        limit=command.limit,
        after=command.after,
        zone=command.tz,
        public=command.public,
        order=command.order,
        request_id=command.request_id,
    )
