"""Endpoints of threads: their replies, their list, and the reader's marks in them."""

from django.http import HttpResponse
from ninja import Query, Router

from chat.access import access_room
from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response
from chat.api.schemas.base import Number
from chat.api.schemas.messages import PageQuery
from chat.api.schemas.threads import ThreadReadUpTo, ThreadsQuery
from chat.live import db
from chat.models import Participant
from chat.protocol import events
from chat.protocol.fields import Slug
from chat.queries.dates import seq_at
from chat.queries.threads import history_of, threads_page
from chat.services.threads import thread_follow, thread_read

router = Router(tags=["Threads"], auth=signed_in)


@router.get("/rooms/{room}/threads", response=events.Threads)
async def list_threads(request: AuthedRequest, room: Slug, query: Query[ThreadsQuery]) -> HttpResponse:
    """The threads of a room, the newest activity first: all of them, those that you follow, or of these the ones with
    something unread."""
    found = await db.run(_threads, request.auth.user, room, query)
    return json_response(found.encode())


@router.get("/rooms/{room}/threads/{seq}/messages", response=events.History)
async def read_thread(request: AuthedRequest, room: Slug, seq: Number, query: Query[PageQuery]) -> HttpResponse:
    """A page of the replies under a message, in `seq` order, with the message as `root`."""
    found = await db.run(_replies, request.auth.user, room, seq, query)
    return json_response(found.encode())


@router.post("/rooms/{room}/threads/{seq}/read", auth=sending, response={204: None})
async def mark_thread_read(request: AuthedRequest, room: Slug, seq: Number, body: ThreadReadUpTo) -> HttpResponse:
    """Mark a thread that you follow as read up to a reply; the mark only moves forward."""
    await db.run(thread_read, user=request.auth.user, room=room, thread=seq, seq=body.seq)
    return HttpResponse(status=204)


@router.put("/rooms/{room}/threads/{seq}/follow", auth=sending, response={204: None})
async def follow_thread(request: AuthedRequest, room: Slug, seq: Number) -> HttpResponse:
    """Follow the thread of a message."""
    await db.run(thread_follow, user=request.auth.user, room=room, thread=seq, on=True)
    return HttpResponse(status=204)


@router.delete("/rooms/{room}/threads/{seq}/follow", auth=sending, response={204: None})
async def unfollow_thread(request: AuthedRequest, room: Slug, seq: Number) -> HttpResponse:
    """Follow the thread no longer."""
    await db.run(thread_follow, user=request.auth.user, room=room, thread=seq, on=False)
    return HttpResponse(status=204)


def _threads(user: Participant, slug: str, query: ThreadsQuery) -> events.Threads:
    room = access_room(user=user, slug=slug).room
    return threads_page(user, wanted=query.filter, room=room, before=query.before, limit=query.limit)


def _replies(user: Participant, slug: str, seq: int, query: PageQuery) -> events.History:
    room = access_room(user=user, slug=slug).room
    place = query.model_dump(exclude={"at"})
    if query.at is not None:
        place["around"] = seq_at(room, query.at)
    return history_of(room, **place, thread=seq, reader=user)
