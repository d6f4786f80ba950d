"""What each command does: one function a command, from the typed command to its reply."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.models import User
from chat.access import access_room
from chat.live import db
from chat.live.entering import enter_room
from chat.live.hub import Hub
from chat.live.inviting import open_direct
from chat.live.socket import Socket
from chat.protocol import commands, events
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.history import Page, history_page, resumed_after
from chat.queries.people import room_users
from chat.queries.rooms import epoch
from chat.rules import Action
from chat.services import members, messages, moderation, rooms
from chat.services.messages import Changed
from chat.services.posting import Draft
from chat.services.reading import ReadMark, TypingMark, UnreadMark


@dataclass(frozen=True, slots=True)
class Context:
    """A command's surroundings: the hub, the socket it came on, the room its address names."""

    hub: Hub
    socket: Socket
    default_room: str | None

    def slug(self, command: commands.RoomCommand) -> str:
        """The room a command is about.

        Raises:
            ChatError: `invalid` when it names none and the socket is not of one room.
        """
        slug = command.room or self.default_room
        if slug is None:
            raise ChatError(Code.INVALID, "room: is required on this address.", fields={"room": "is required"})
        return slug


# Who says again that they type is told to others no sooner; a reader forgets it after 6 s.
TYPING_AGAIN_SECONDS = 1.0

Handler = Callable[[Context, Any], Awaitable[events.Event | None]]


async def handle(context: Context, command: commands.AnyCommand) -> None:
    """Carry out one command and tell its sender.

    Raises:
        ChatError: why it was refused.
    """
    reply = await _HANDLERS[type(command)](context, command)
    if reply is not None:
        context.socket.tell(reply)


# --- Messages ---------------------------------------------------------------------------------------


async def _chat_message(context: Context, command: commands.ChatMessage) -> events.Event | None:
    return await _post(context, command, context.slug(command), command.reply_to)


async def _private_message(context: Context, command: commands.PrivateMessage) -> events.Event | None:
    room = await open_direct(context.hub, context.socket.user, command.to)
    return await _post(context, command, room.slug, None)


async def _post(
    context: Context, command: commands.ChatMessage | commands.PrivateMessage, room: str, reply_to: int | None
) -> events.Event | None:
    draft = Draft(context.socket.user, room, command.message, command.client_id, reply_to, context.socket.id)
    posted = await context.hub.writer.post(draft)
    if command.client_id is None and command.request_id is None:
        return None
    return events.PostedAck(
        request_id=command.request_id,
        client_id=command.client_id,
        room=posted.room,
        seq=posted.seq,
        rev=posted.rev,
        timestamp=posted.timestamp,
        duplicate=posted.duplicate,
        outside=list(posted.outside),
    )


async def _edit_message(context: Context, command: commands.EditMessage) -> events.Event:
    changed = await db.run(
        messages.message_edit,
        user=context.socket.user,
        room=context.slug(command),
        seq=command.seq,
        text=command.message,
    )
    return _ack_changed(command, changed)


async def _delete_message(context: Context, command: commands.DeleteMessage) -> events.Event:
    changed = await db.run(
        messages.message_delete, user=context.socket.user, room=context.slug(command), seq=command.seq
    )
    return _ack_changed(command, changed)


async def _react(context: Context, command: commands.React) -> events.Event:
    changed = await db.run(
        messages.message_react,
        user=context.socket.user,
        room=context.slug(command),
        seq=command.seq,
        emoji=command.emoji,
        on=command.on,
    )
    return _ack_changed(command, changed)


def _ack_changed(command: commands.Command, changed: Changed) -> events.Ack:
    return events.Ack(
        request_id=command.request_id,
        room=changed.room,
        seq=changed.seq,
        rev=changed.rev,
        timestamp=events.stamp(changed.at),
    )


# --- Reading ----------------------------------------------------------------------------------------


async def _typing(context: Context, command: commands.Typing) -> None:
    socket, slug = context.socket, context.slug(command)
    now = asyncio.get_running_loop().time()
    was_typing, told_at = socket.typing.get(slug, (None, 0.0))
    if was_typing is command.is_typing and now - told_at < TYPING_AGAIN_SECONDS:
        return
    room_id = await _held(context, slug, Action.TYPE)
    socket.typing[slug] = (command.is_typing, now)
    event = events.Typing(room=slug, username=socket.user.username, is_typing=command.is_typing)
    if not await context.hub.is_large(room_id):
        context.hub.telling.tell_room(room_id, event, but_user=socket.user_id)
        marked = context.hub.marks.submit(TypingMark(socket.user_id, room_id, command.is_typing))
        # Nobody waits for it, and nobody misses one that could not be kept.
        marked.add_done_callback(lambda done: done.cancelled() or done.exception())


async def _read(context: Context, command: commands.Read) -> None:
    socket, slug = context.socket, context.slug(command)
    room_id = await _held(context, slug, Action.READ)
    # Beside the reading of further frames: marks are written only every half second.
    context.hub.spawn(_mark(context, command, ReadMark(socket.user_id, room_id, command.seq, socket.id)))


async def _mark_unread(context: Context, command: commands.MarkUnread) -> None:
    socket, slug = context.socket, context.slug(command)
    room_id = await _held(context, slug, Action.READ)
    # The way of `read`, so that one sent before it cannot come to the table after it.
    context.hub.spawn(_mark(context, command, UnreadMark(socket.user_id, room_id, command.seq, socket.id)))


async def _mark(context: Context, command: commands.Command, mark: ReadMark | UnreadMark) -> None:
    try:
        await context.hub.marks.submit(mark)
    except ChatError as error:
        context.socket.tell(events.Error.of(error, request_id=command.request_id))


async def _history(context: Context, command: commands.History) -> events.Event:
    slug = context.slug(command)
    page = await db.run(_read_page, context.socket, slug, command)
    return events.History(
        request_id=command.request_id,
        room=slug,
        messages=page.messages,
        has_older=page.has_older,
        has_newer=page.has_newer,
    )


def _read_page(socket: Socket, slug: str, command: commands.History) -> Page:
    room = access_room(user=socket.user, slug=slug, action=Action.READ).room
    limit = command.limit or settings.CHAT_HISTORY_PAGE
    return history_page(room, limit=limit, before=command.before, after=command.after, around=command.around)


async def _resume(context: Context, command: commands.Resume) -> None:
    trusted = command.epoch == await db.run(epoch)
    for slug, rev in command.rooms.items():
        if not context.socket.open:
            return
        resumed = await db.run(_changes_since, context.socket, slug, rev if trusted else None)
        context.socket.tell(resumed.model_copy(update={"request_id": command.request_id}))
        # Whoever missed more than an outbox holds is not for that a reader who does not keep up.
        await context.socket.outbox.flushed()


def _changes_since(socket: Socket, slug: str, rev: int | None) -> events.Resumed:
    """All that changed after `rev`, also what this socket was told live: who asks from an old number has not taken it
    in, or puts it in its place again and sees no difference."""
    try:
        room = access_room(user=socket.user, slug=slug, action=Action.READ).room
    except ChatError:
        return events.Resumed(room=slug, complete=False, messages=[], rev=0)
    resumed = resumed_after(room, rev)
    room_id = socket.room_ids.get(slug)
    if resumed.complete or room_id is None:
        return resumed
    # Who loads pages instead still needs each event from here on: a page does not tell of an edit above it.
    return resumed.model_copy(update={"rev": socket.rooms[room_id].rev})


async def _users(context: Context, command: commands.Users) -> events.Event:
    slug = context.slug(command)
    here = frozenset(context.hub.people.ids())
    found = await db.run(_read_users, context.socket.user, slug, here)
    return events.Users(request_id=command.request_id, room=slug, users=found)


def _read_users(user: User, slug: str, here: frozenset[int]) -> list[events.UserEntry]:
    access = access_room(user=user, slug=slug)
    return room_users(access.room, here=here, mutes=access.may(Action.MUTE))


async def _ping(_context: Context, command: commands.Ping) -> events.Event:
    return events.Pong(request_id=command.request_id, timestamp=events.stamp(datetime.now(UTC)))


# --- Rooms ------------------------------------------------------------------------------------------


async def _join_room(context: Context, command: commands.JoinRoom) -> None:
    await enter_room(context.hub, context.socket, command.room, with_history=False, request_id=command.request_id)


async def _leave_room(context: Context, command: commands.LeaveRoom) -> events.Event | None:
    slug = context.slug(command)
    socket, room_id = context.socket, context.socket.room_ids.get(slug)
    if room_id is not None:
        socket.leaving[room_id] = command.request_id
    try:
        await db.run(members.room_leave, user=socket.user, room=slug)
    except ChatError:
        if room_id is not None:
            socket.leaving.pop(room_id, None)
        raise
    # A room that this socket holds is taken from it, and that is its answer, with those of the person's others.
    return None if room_id is not None else events.LeftRoom(request_id=command.request_id, room=slug, reason="left")


# --- Moderation -------------------------------------------------------------------------------------


def _act(service: Callable[..., object], *names: str) -> Handler:
    """A command that a service fulfils: its fields `names` are the service's arguments."""

    async def handler(context: Context, command: Any) -> events.Event:
        wishes = {name: getattr(command, name) for name in names}
        slug = context.slug(command)
        await db.run(service, user=context.socket.user, room=slug, **wishes)
        return events.Ack(request_id=command.request_id, room=slug)

    return handler


async def _broadcast(context: Context, command: commands.Broadcast) -> events.Event:
    said = await db.run(moderation.broadcast, user=context.socket.user, message=command.message)
    return events.Ack(request_id=command.request_id, timestamp=said.timestamp)


# --- Helpers ----------------------------------------------------------------------------------------


async def _held(context: Context, slug: str, action: Action) -> int:
    """The id of a room one may do `action` in. To read a room that the socket holds nothing is asked: whoever
    may no longer be there is taken out of it. A mute takes nobody out, so speaking is always asked about."""
    room_id = context.socket.room_ids.get(slug)
    if room_id is not None and action is Action.READ:
        return room_id
    access = await db.run(access_room, user=context.socket.user, slug=slug, action=action)
    if access.membership is None:
        raise not_found("room")
    return access.room.pk


_HANDLERS: dict[type[commands.Command], Handler] = {
    commands.ChatMessage: _chat_message,
    commands.EditMessage: _edit_message,
    commands.DeleteMessage: _delete_message,
    commands.React: _react,
    commands.Typing: _typing,
    commands.Read: _read,
    commands.MarkUnread: _mark_unread,
    commands.History: _history,
    commands.Resume: _resume,
    commands.JoinRoom: _join_room,
    commands.LeaveRoom: _leave_room,
    commands.PrivateMessage: _private_message,
    commands.Broadcast: _broadcast,
    commands.Ping: _ping,
    commands.Users: _users,
    commands.Clear: _act(moderation.room_clear),
    commands.Kick: _act(moderation.member_kick, "username", "reason"),
    commands.Ban: _act(moderation.member_ban, "username", "minutes", "reason"),
    commands.Unban: _act(moderation.member_unban, "username"),
    commands.Mute: _act(moderation.member_mute, "username", "minutes", "reason"),
    commands.Unmute: _act(moderation.member_unmute, "username"),
    commands.Topic: _act(rooms.room_update, "topic"),
}
