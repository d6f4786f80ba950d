"""Searching messages, and the user's inbox."""

from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.live.searching import results
from chat.protocol import commands, events
from chat.queries.inbox import inbox


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


@handles(commands.Inbox)
async def list_inbox(context: Context, command: commands.Inbox) -> events.Event:
    """List the messages that concern the user."""
    found = await db.run(inbox, context.socket.user, kind=command.kind, before=command.before, limit=command.limit)
    return found.model_copy(update={"request_id": command.request_id})
