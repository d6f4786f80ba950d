"""Joining and leaving a room, its topic, and who is in it."""

from accounts.models import User
from chat.access import access_room
from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.live.subscribe import enter_room
from chat.protocol import commands, events
from chat.protocol.errors import ChatError
from chat.queries.people import room_users
from chat.rules import Action
from chat.services import members, rooms


@handles(commands.JoinRoom)
async def join_room(context: Context, command: commands.JoinRoom) -> None:
    await enter_room(context.hub, context.socket, command.room, with_history=False, request_id=command.request_id)


@handles(commands.LeaveRoom)
async def leave_room(context: Context, command: commands.LeaveRoom) -> events.Event | None:
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
    # A room that this socket holds is taken from it, and that is its answer, with those of the person's others.
    return None if held else events.LeftRoom(request_id=command.request_id, room=slug, reason="left")


@handles(commands.Topic)
async def topic(context: Context, command: commands.Topic) -> events.Event:
    slug = context.slug(command)
    await db.run(rooms.room_update, user=context.socket.user, room=slug, topic=command.topic)
    return events.Ack(request_id=command.request_id, room=slug)


@handles(commands.Users)
async def users(context: Context, command: commands.Users) -> events.Event:
    slug = context.slug(command)
    here = frozenset(context.hub.user_sockets.ids())
    found = await db.run(_read_users, context.socket.user, slug, here)
    return events.Users(request_id=command.request_id, room=slug, users=found)


def _read_users(user: User, slug: str, here: frozenset[int]) -> list[events.UserEntry]:
    access = access_room(user=user, slug=slug)
    moderator = access.actor if access.may(Action.MUTE) else None
    return room_users(access.room, here=here, moderator=moderator)
