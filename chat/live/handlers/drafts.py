"""Drafts: the unsent texts of a user."""

from datetime import datetime

from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.protocol import commands, events
from chat.queries.drafts import drafts_of
from chat.services.drafts import draft_save


@handles(commands.Draft)
async def draft(context: Context, command: commands.Draft) -> events.Event:
    """Keep a draft. A socket whose text is older than the kept one is sent the kept one."""
    socket, slug = context.socket, context.slug(command)
    kept = await db.run(
        draft_save,
        user=socket.user,
        room=slug,
        text=command.text,
        thread=command.thread,
        at=datetime.fromisoformat(command.at) if command.at else None,
        socket=socket.id,
    )
    if kept.text != command.text and (kept.text or command.text.strip()):
        socket.send(kept)
    return events.Ack(request_id=command.request_id, room=kept.room, timestamp=kept.at)


@handles(commands.Drafts)
async def drafts(context: Context, command: commands.Drafts) -> events.Event:
    """List all drafts."""
    found = await db.run(drafts_of, context.socket.user)
    return found.model_copy(update={"request_id": command.request_id})
