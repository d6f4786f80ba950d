"""Saving messages for oneself."""

from typing import Any

from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.protocol import commands, events
from chat.queries.saved import saved_of
from chat.services.saved import message_save, message_unsave


@handles(commands.Save)
async def save(context: Context, command: commands.Save) -> events.Event:
    """Save a message, change how it is saved, or unsave it."""
    slug, socket = context.slug(command), context.socket
    place: dict[str, Any] = {"user": socket.user, "room": slug, "seq": command.seq, "socket": socket.id}
    if command.on:
        await db.run(message_save, **place, **command.wishes)
    else:
        await db.run(message_unsave, **place)
    return events.Ack(request_id=command.request_id, room=slug, seq=command.seq)


@handles(commands.SavedMessages)
async def saved_messages(context: Context, command: commands.SavedMessages) -> events.Event:
    """List the user's saved messages."""
    user = context.socket.user
    found = await db.run(saved_of, user, done=command.done, before=command.before, limit=command.limit)
    return found.model_copy(update={"request_id": command.request_id})
