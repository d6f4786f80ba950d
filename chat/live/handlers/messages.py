"""Posting, editing, deleting, reacting and pinning."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from chat.live import db
from chat.live.direct_messages import open_direct, open_direct_for, open_group
from chat.live.handlers.registry import Context, handles
from chat.protocol import commands, events
from chat.services import link_previews, messages, moderation, pins, versions
from chat.services.forwarding import Origin
from chat.services.messages import Changed
from chat.services.posting import Draft, Posted


@handles(commands.ChatMessage)
def chat_message(context: Context, command: commands.ChatMessage) -> "asyncio.Future[events.Event | None]":
    """Post a message; the `ack` follows the commit."""
    room = context.slug(command)
    return _post(context, command, room, command.reply_to, command.thread, in_room=command.shown_in_room)


@handles(commands.PrivateMessage)
async def private_message(context: Context, command: commands.PrivateMessage) -> events.Event | None:
    """Post a message to the direct room with a user, created if new."""
    room = await open_direct(context.hub, context.socket.user, command.to)
    return await _post(context, command, room.slug, None)


@handles(commands.GroupMessage)
async def group_message(context: Context, command: commands.GroupMessage) -> events.Event | None:
    """Post a message to the group conversation with some users, created if new."""
    room = await open_group(context.hub, context.socket.user, command.to)
    return await _post(context, command, room.slug, None)


@handles(commands.Forward)
async def forward(context: Context, command: commands.Forward) -> events.Event | None:
    """Post a message with the text and the files of another one to a room, or to a thread in it."""
    return await _forward(context, command, command.to_room, command.thread, in_room=command.shown_in_room)


@handles(commands.ForwardPrivate)
async def forward_private(context: Context, command: commands.ForwardPrivate) -> events.Event | None:
    """Post a message with the text and the files of another one to the direct room with a user, created if new."""
    room = await open_direct_for(context.hub, context.socket.user, command.to, _origin(context, command))
    return await _forward(context, command, room.slug)


def _origin(context: Context, command: commands.Forward | commands.ForwardPrivate) -> Origin:
    return Origin(context.slug(command), command.seq)


async def _forward(
    context: Context,
    command: commands.Forward | commands.ForwardPrivate,
    room: str,
    thread: int | None = None,
    *,
    in_room: bool = True,
) -> events.Event | None:
    socket, origin = context.socket, _origin(context, command)
    draft = Draft(
        socket.user, room, command.comment, command.client_id, socket=socket.id, origin=origin, ends_draft=False
    )
    return await _posted(context, command, draft._replace(thread=thread, in_room=in_room))


_Posting = (
    commands.ChatMessage | commands.PrivateMessage | commands.GroupMessage | commands.Forward | commands.ForwardPrivate
)


def _post(
    context: Context,
    command: commands.ChatMessage | commands.PrivateMessage | commands.GroupMessage,
    room: str,
    reply_to: int | None,
    thread: int | None = None,
    *,
    in_room: bool = True,
) -> "asyncio.Future[events.Event | None]":
    user, socket = context.socket.user, context.socket.id
    files = tuple(command.files)
    draft = Draft(
        user, room, command.message, command.client_id, reply_to, socket, files, thread=thread, in_room=in_room
    )
    return _posted(context, command, draft)


def _posted(context: Context, command: _Posting, draft: Draft) -> "asyncio.Future[events.Event | None]":
    return context.hub.writer.post(draft, partial(_acknowledge, command))


def _acknowledge(command: _Posting, posted: Posted) -> events.Event | None:
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


@handles(commands.EditMessage)
async def edit_message(context: Context, command: commands.EditMessage) -> events.Event:
    """Replace the text of a message."""
    return await _change(context, command, messages.message_edit, text=command.message)


@handles(commands.Versions)
async def read_versions(context: Context, command: commands.Versions) -> events.Event:
    """Send the earlier texts of a message."""
    user, slug = context.socket.user, context.slug(command)
    found = await db.run(versions.versions_of, user=user, room=slug, seq=command.seq)
    return found.model_copy(update={"request_id": command.request_id})


@handles(commands.DeleteMessage)
async def delete_message(context: Context, command: commands.DeleteMessage) -> events.Event:
    """Delete a message."""
    return await _change(context, command, messages.message_delete)


@handles(commands.React)
async def react(context: Context, command: commands.React) -> events.Event:
    """Add or remove a reaction."""
    return await _change(context, command, messages.message_react, emoji=command.emoji, on=command.on)


@handles(commands.RemovePreview)
async def remove_preview(context: Context, command: commands.RemovePreview) -> events.Event:
    """Remove the preview of one address, or all previews of a message."""
    return await _change(context, command, link_previews.preview_remove, url=command.url)


@handles(commands.Pin)
async def pin(context: Context, command: commands.Pin) -> events.Event:
    """Pin or unpin a message."""
    return await _change(context, command, pins.message_pin, on=command.on)


@handles(commands.PinMove)
async def pin_move(context: Context, command: commands.PinMove) -> events.Event:
    """Move a pin to another place."""
    slug, user = context.slug(command), context.socket.user
    rev = await db.run(pins.pin_move, user=user, room=slug, seq=command.seq, below=command.below)
    return events.Ack(request_id=command.request_id, room=slug, seq=command.seq, rev=rev)


@handles(commands.Pins)
async def list_pins(context: Context, command: commands.Pins) -> events.Event:
    """List the pinned messages of a room."""
    found = await db.run(pins.pins_of, user=context.socket.user, room=context.slug(command))
    return found.model_copy(update={"request_id": command.request_id})


@handles(commands.Broadcast)
async def broadcast(context: Context, command: commands.Broadcast) -> events.Event:
    """Send an announcement to everyone online."""
    announcement = await db.run(moderation.broadcast, user=context.socket.user, message=command.message)
    return events.Ack(request_id=command.request_id, timestamp=announcement.timestamp)


async def _change(
    context: Context,
    command: commands.EditMessage | commands.DeleteMessage | commands.React | commands.RemovePreview | commands.Pin,
    service: Callable[..., Changed],
    **fields: Any,
) -> events.Event:
    slug = context.slug(command)
    changed = await db.run(service, user=context.socket.user, room=slug, seq=command.seq, **fields)
    return events.Ack(
        request_id=command.request_id,
        room=changed.room,
        seq=changed.seq,
        rev=changed.rev,
        timestamp=events.stamp(changed.at),
    )
