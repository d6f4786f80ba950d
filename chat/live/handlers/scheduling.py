"""Messages that are sent later."""

from typing import Any

from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.protocol import commands, events
from chat.queries.scheduled import scheduled_of
from chat.services import scheduling


@handles(commands.Schedule)
async def schedule(context: Context, command: commands.Schedule) -> events.Event:
    """Schedule a message."""
    made = await db.run(
        scheduling.schedule_make,
        user=context.socket.user,
        room=context.slug(command),
        text=command.message,
        at=command.at,
        zone=command.zone,
        fold=command.fold,
        reply_to=command.reply_to,
        thread=command.thread,
        in_room=command.shown_in_room,
        files=tuple(command.files),
        socket=context.socket.id,
    )
    return made.model_copy(update={"request_id": command.request_id})


@handles(commands.Schedules)
async def schedules(context: Context, command: commands.Schedules) -> events.Event:
    """List all scheduled messages."""
    found = await db.run(scheduled_of, context.socket.user)
    return found.model_copy(update={"request_id": command.request_id})


@handles(commands.ChangeSchedule)
async def schedule_change(context: Context, command: commands.ChangeSchedule) -> events.Event:
    """Change a scheduled message."""
    wanted: dict[str, Any] = {
        name: value
        for name, value in (
            *(("text", command.message), ("at", command.at)),
            *(("zone", command.zone), ("fold", command.fold)),
        )
        if value is not None
    }
    socket = context.socket
    changed = await db.run(
        scheduling.schedule_change, user=socket.user, schedule=command.id, socket=socket.id, **wanted
    )
    return changed.model_copy(update={"request_id": command.request_id})


@handles(commands.CancelSchedule)
async def schedule_cancel(context: Context, command: commands.CancelSchedule) -> events.Event:
    """Delete a scheduled message."""
    socket = context.socket
    await db.run(scheduling.schedule_cancel, user=socket.user, schedule=command.id, socket=socket.id)
    return events.Ack(request_id=command.request_id)


@handles(commands.SendScheduled)
async def schedule_send(context: Context, command: commands.SendScheduled) -> events.Event:
    """Post a scheduled message now."""
    socket = context.socket
    posted = await context.hub.scheduled.send(command.id, user=socket.user, socket=socket.id)
    return events.Ack(
        request_id=command.request_id,
        room=posted.room,
        seq=posted.seq,
        rev=posted.rev,
        timestamp=posted.timestamp,
    )
