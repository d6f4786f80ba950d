"""Joining and leaving a room, its settings, its members, its bans and its audit log."""

from functools import partial

from chat.live import db, room_lists
from chat.live.handlers.registry import Context, handles
from chat.live.join_limits import pay_for_room
from chat.live.subscribe import enter_room
from chat.protocol import commands, events
from chat.protocol.errors import ChatError
from chat.services import members, rooms


@handles(commands.JoinRoom)
async def join_room(context: Context, command: commands.JoinRoom) -> None:
    """Join a room if necessary, and hold and open it on this socket."""
    await enter_room(context.hub, context.socket, command.room, with_history=False, request_id=command.request_id)


@handles(commands.LeaveRoom)
async def leave_room(context: Context, command: commands.LeaveRoom) -> events.Event | None:
    """End the user's membership."""
    slug = context.slug(command)
    socket, held = context.socket, context.hub.rooms.held(context.socket, slug)
    if held:
        socket.leaving[held.room_id] = command.request_id
    try:
        await db.run(members.room_leave, user=socket.user, room=slug)
    except ChatError:
        if held:
            socket.leaving.pop(held.room_id, None)
        raise
    # For a socket that holds the room, the `left_room` sent to all the user's sockets is the reply.
    return None if held else events.LeftRoom(request_id=command.request_id, room=slug, reason="left")


@handles(commands.Topic)
async def topic(context: Context, command: commands.Topic) -> events.Event:
    """Set the room's topic."""
    slug = context.slug(command)
    await db.run(rooms.room_update, user=context.socket.user, room=slug, topic=command.topic)
    return events.Ack(request_id=command.request_id, room=slug)


@handles(commands.RoomUpdate)
async def room_update(context: Context, command: commands.RoomUpdate) -> events.Event:
    """Change the room's settings."""
    slug, user = context.slug(command), context.socket.user
    pay = partial(pay_for_room, context.hub, user)
    found = await db.run(rooms.room_update, user=user, room=slug, pay=pay, **command.changes)
    return events.Ack(request_id=command.request_id, room=slug, rev=found.facts_rev)


@handles(commands.SetRole)
async def role(context: Context, command: commands.SetRole) -> events.Event:
    """Give a member another role."""
    slug = context.slug(command)
    await db.run(members.member_role, user=context.socket.user, room=slug, username=command.username, role=command.role)
    return events.Ack(request_id=command.request_id, room=slug)


@handles(commands.Bans)
async def bans(context: Context, command: commands.Bans) -> events.Event:
    """List the room's bans."""
    found = await room_lists.bans(context.socket.user, context.slug(command), before=command.before)
    return found.model_copy(update={"request_id": command.request_id})


@handles(commands.Audit)
async def audit(context: Context, command: commands.Audit) -> events.Event:
    """List what moderators did."""
    found = await room_lists.audit(context.socket.user, context.slug(command), before=command.before)
    return found.model_copy(update={"request_id": command.request_id})


@handles(commands.Users)
async def users(context: Context, command: commands.Users) -> events.Event:
    """List the room's members and who is online."""
    slug = context.slug(command)
    found = await room_lists.members(context.hub, context.socket.user, slug)
    return events.Users(request_id=command.request_id, room=slug, users=found)
