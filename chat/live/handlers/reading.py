"""Reading: history, missed changes, read marks, and typing."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby, islice

from django.utils import timezone

from chat.access import access_room, actor_of
from chat.lib.prepared_queries import PreparedMany, amounts, texts
from chat.live import db
from chat.live.handlers.registry import Context, handles
from chat.live.resumes import Missed
from chat.live.send_queue import frame_batches
from chat.live.socket import Socket
from chat.models import Membership, Room
from chat.protocol import commands, events
from chat.protocol.errors import ChatError, not_found
from chat.queries.dates import seq_at
from chat.queries.history import resumed_after
from chat.queries.threads import history_of
from chat.rules import Action, refusal
from chat.services.read_state import ReadMark, TypingMark, UnreadMark, rooms_read

# A repeated `typing` is sent to others at most this often; clients drop the state after 6 s.
TYPING_AGAIN_SECONDS = 1.0
# Rooms of a `resume` looked up together.
RESUME_STEP = 200

_MEMBERSHIPS = PreparedMany(
    lambda slugs, user_id: Membership.objects.filter(user=user_id, room__slug__in=slugs).select_related("room"),
    texts,
    also=(amounts(0),),
)


@handles(commands.Typing)
async def typing(context: Context, command: commands.Typing) -> None:
    """Send the typing state to the room, and store it for users who join later."""
    socket, slug = context.socket, context.slug(command)
    now = asyncio.get_running_loop().time()
    place = slug if command.thread is None else f"{slug} {command.thread}"
    was_typing, sent_at = socket.typing.get(place, (None, 0.0))
    if was_typing is command.is_typing and now - sent_at < TYPING_AGAIN_SECONDS:
        return
    room_id = await _held(context, slug, Action.TYPE)
    socket.typing[place] = (command.is_typing, now)
    event = events.Typing(room=slug, username=socket.user.username, is_typing=command.is_typing, thread=command.thread)
    if not await context.hub.is_large(room_id):
        context.hub.publisher.publish_ephemeral(room_id, event, but_user=socket.user_id)
        if command.thread is not None:
            return
        marked = context.hub.marks.submit(TypingMark(socket.user_id, room_id, command.is_typing))
        # No caller awaits it, and a mark that could not be stored is not worth a log line.
        marked.add_done_callback(lambda done: done.cancelled() or done.exception())


@handles(commands.Read)
async def read(context: Context, command: commands.Read) -> None:
    """Move the user's read mark."""
    socket, slug = context.socket, context.slug(command)
    room_id = await _held(context, slug, Action.READ)
    # Do not block the next frames: marks are written only every half second.
    context.hub.spawn(_mark(context, command, ReadMark(socket.user_id, room_id, command.seq, socket.id)))


@handles(commands.MarkUnread)
async def mark_unread(context: Context, command: commands.MarkUnread) -> None:
    """Move the user's read mark back."""
    socket, slug = context.socket, context.slug(command)
    room_id = await _held(context, slug, Action.READ)
    # Through the same queue as `read`, so that the two are written in the order they were sent.
    context.hub.spawn(_mark(context, command, UnreadMark(socket.user_id, room_id, command.seq, socket.id)))


@handles(commands.ReadAll)
async def read_all(context: Context, command: commands.ReadAll) -> events.Event:
    """Mark all rooms as read."""
    await db.run(rooms_read, user=context.socket.user)
    return events.Ack(request_id=command.request_id)


async def _mark(context: Context, command: commands.Command, mark: ReadMark | UnreadMark) -> None:
    try:
        await context.hub.marks.submit(mark)
    except ChatError as error:
        context.socket.send(events.Error.of(error, request_id=command.request_id))


@handles(commands.History)
async def history(context: Context, command: commands.History) -> events.Event:
    """Read one page of messages."""
    slug, socket = context.slug(command), context.socket
    if command.around is not None and command.limit == 1 and command.thread is None:
        page = await context.hub.message_reads.read(socket.user, slug, command.around, all=command.all)
    else:
        page = await db.run(_read_page, socket, slug, command)
    return page.model_copy(update={"request_id": command.request_id})


def _read_page(socket: Socket, slug: str, command: commands.History) -> events.History:
    room = access_room(user=socket.user, slug=slug, action=Action.READ).room
    around = command.around if command.at is None else seq_at(room, datetime.fromisoformat(command.at))
    place = {"before": command.before, "after": command.after, "around": around}
    return history_of(room, limit=command.limit, thread=command.thread, all=command.all, reader=socket.user, **place)


@handles(commands.Resume)
async def resume(context: Context, command: commands.Resume) -> None:
    """Send the changes of each room since the number the client has."""
    socket = context.socket
    trusted = command.epoch == await context.hub.reconciler.epoch()
    wanted = iter(command.rooms.items())
    while step := {slug: rev if trusted else None for slug, rev in islice(wanted, RESUME_STEP)}:
        # A client that asks for one room knows that it has changed.
        known = await db.run(_without_changes, socket, step, command.request_id) if len(step) > 1 else {}
        for unchanged, slugs in groupby(step, known.__contains__):
            if unchanged:
                for batch in frame_batches(known[slug] for slug in slugs):
                    socket.queue.offer_all(batch)
                continue
            for slug in slugs:
                # A client may have missed more than its queue holds, which must not close it as too slow.
                await socket.queue.flushed()
                if not socket.open:
                    return
                missed = await context.hub.resumes.read(socket.user, slug, step[slug])
                socket.queue.offer(_changes_since(socket, slug, missed, command.request_id))
        await socket.queue.flushed()


def _without_changes(socket: Socket, revs: Mapping[str, int | None], request_id: str | None) -> dict[str, str]:
    """Return the encoded answers without messages, by slug: for the user's rooms that did not change after `rev` or
    whose `rev` is unknown here, for private rooms the user is not in, and for rooms that do not exist. One query per 64
    rooms, and one more; of a thousand rooms, most get such an answer."""
    found: dict[str, str] = {}
    memberships = _MEMBERSHIPS.all(revs, also=(socket.user_id,))
    for membership in memberships:
        room, rev = membership.room, revs[membership.room.slug]
        actor = actor_of(user=socket.user, room=room, membership=membership)
        if refusal(Action.READ, actor, now=timezone.now()) is None and (rev is None or rev >= room.last_rev):
            found[room.slug] = _encoded(_as_held(socket, room.pk, resumed_after(room, rev)), request_id)
    others = revs.keys() - {membership.room.slug for membership in memberships}
    # Read only the public ones of the rest one by one: a separate answer would reveal that a private room exists.
    public = Room.objects.filter(slug__in=others, kind=Room.Kind.PUBLIC).values_list("slug", flat=True)
    unseen = others.difference(public) if others else others
    return found | {slug: _encoded(_no_access(slug), request_id) for slug in unseen}


def _changes_since(socket: Socket, slug: str, missed: Missed | None, request_id: str | None) -> str:
    """Return all changes, encoded, including those this socket already received: a client that asks from an old number
    has not processed them, or applies them twice without effect."""
    if missed is None:
        return _encoded(_no_access(slug), request_id)
    resumed = _as_held(socket, missed.room_id, missed.resumed)
    if resumed is missed.resumed:
        return resumed.asked_with(missed.text, request_id)
    return _encoded(resumed, request_id)


def _encoded(resumed: events.Resumed, request_id: str | None) -> str:
    return resumed.model_copy(update={"request_id": request_id}).encode()


def _no_access(slug: str) -> events.Resumed:
    return events.Resumed(room=slug, complete=False, messages=[], rev=0)


def _as_held(socket: Socket, room_id: int, resumed: events.Resumed) -> events.Resumed:
    held_from = socket.rooms.get(room_id)
    if resumed.complete or held_from is None:
        return resumed
    # A client that loads pages instead still needs each event from `held_from` on: a page lacks edits above it.
    return resumed.model_copy(update={"rev": held_from})


@handles(commands.Ping)
async def ping(_context: Context, command: commands.Ping) -> events.Event:
    """Answer with the server's time."""
    return events.Pong(request_id=command.request_id, timestamp=events.stamp(datetime.now(UTC)))


async def _held(context: Context, slug: str, action: Action) -> int:
    """Return the id of a room in which the user may do `action`. Reading a room that the socket holds needs no query:
    losing access detaches the socket. A mute does not detach it, so posting and typing are always checked.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    held = context.hub.rooms.held(context.socket, slug)
    if held and action is Action.READ:
        return held.room_id
    access = await db.run(access_room, user=context.socket.user, slug=slug, action=action)
    if access.membership is None:
        raise not_found("room")
    return access.room.pk
