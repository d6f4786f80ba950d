"""Listing the server's custom emoji."""

from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.protocol import commands, events
from chat.queries.emoji import emoji_page
from chat.services.emoji import may_add


@handles(commands.OwnEmoji)
async def emoji(context: Context, command: commands.OwnEmoji) -> events.Event:
    """Send one page of the server's custom emoji."""
    found, following = await db.run(emoji_page, after=command.after or "")
    may = may_add(context.socket.user)
    return events.OwnEmoji(request_id=command.request_id, emoji=found, next=following, may_add=may)
