"""Moderating a room and its members. Each command is one call of a service, answered by an `ack`."""

from collections.abc import Callable

from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.protocol import commands, events
from chat.services import moderation


@handles(commands.Clear)
async def clear(context: Context, command: commands.Clear) -> events.Event:
    """Clear the room's history."""
    return await _act(context, command, moderation.room_clear)


@handles(commands.Kick)
async def kick(context: Context, command: commands.Kick) -> events.Event:
    """Remove a member, who may join again."""
    return await _act(context, command, moderation.member_kick, "username", "reason")


@handles(commands.Ban)
async def ban(context: Context, command: commands.Ban) -> events.Event:
    """Remove a member, who may not join again for `minutes`, or ever."""
    return await _act(context, command, moderation.member_ban, "username", "minutes", "reason")


@handles(commands.Unban)
async def unban(context: Context, command: commands.Unban) -> events.Event:
    """Lift a ban."""
    return await _act(context, command, moderation.member_unban, "username")


@handles(commands.Mute)
async def mute(context: Context, command: commands.Mute) -> events.Event:
    """Stop a member from posting for `minutes`."""
    return await _act(context, command, moderation.member_mute, "username", "minutes", "reason")


@handles(commands.Unmute)
async def unmute(context: Context, command: commands.Unmute) -> events.Event:
    """Lift a mute."""
    return await _act(context, command, moderation.member_unmute, "username")


async def _act(
    context: Context, command: commands.RoomCommand, service: Callable[..., object], *fields: str
) -> events.Event:
    """Call a service with these fields of the command; its arguments have the same names."""
    slug = context.slug(command)
    await db.run(service, user=context.socket.user, room=slug, **{name: getattr(command, name) for name in fields})
    return events.Ack(request_id=command.request_id, room=slug)
