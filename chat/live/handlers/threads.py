"""Threads: reading one, following one, and their list."""

from chat.access import access_room
from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.live.socket import Socket
from chat.protocol import commands, events
from chat.queries.threads import threads_page
from chat.services.threads import thread_follow, thread_read


@handles(commands.ThreadRead)
async def read_thread(context: Context, command: commands.ThreadRead) -> None:
    """Move the user's read mark of a thread."""
    slug = context.slug(command)
    await db.run(thread_read, user=context.socket.user, room=slug, thread=command.thread, seq=command.seq)


@handles(commands.Follow)
async def follow(context: Context, command: commands.Follow) -> events.Event:
    """Follow or unfollow a thread."""
    slug = context.slug(command)
    seq = await db.run(thread_follow, user=context.socket.user, room=slug, thread=command.thread, on=command.on)
    return events.Ack(request_id=command.request_id, room=slug, seq=seq)


@handles(commands.Threads)
async def threads(context: Context, command: commands.Threads) -> events.Event:
    """List the user's threads."""
    found = await db.run(_list, context.socket, command.room or context.default_room, command)
    return found.model_copy(update={"request_id": command.request_id})


def _list(socket: Socket, slug: str | None, command: commands.Threads) -> events.Threads:
    room = access_room(user=socket.user, slug=slug).room if slug else None
    return threads_page(socket.user, wanted=command.filter, room=room, before=command.before, limit=command.limit)
