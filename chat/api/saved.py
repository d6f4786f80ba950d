"""Endpoints of the messages that a person saves for themselves."""

from django.http import HttpResponse
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.base import Number
from chat.api.schemas.saved import SavedChange, SavedQuery
from chat.live import db
from chat.protocol.errors import Code
from chat.protocol.events import Saved, SavedMessages
from chat.protocol.fields import Slug
from chat.queries.saved import saved_event, saved_of
from chat.services.saved import message_save, message_unsave

router = Router(tags=["Messages"], auth=signed_in)


@router.get("/saved", response=SavedMessages)
async def list_saved_messages(request: AuthedRequest, query: Query[SavedQuery]) -> HttpResponse:
    """The messages that you have saved, those saved last first. No one else sees them."""
    found = await db.run(saved_of, request.auth.user, done=query.done, before=query.before, limit=query.limit)
    return json_response(found.encode())


@router.put("/rooms/{room}/messages/{seq}/saved", auth=sending, response={200: Saved} | refusals(Code.CONFLICT))
async def save_message(request: AuthedRequest, room: Slug, seq: Number, body: SavedChange) -> HttpResponse:
    """Save a message for yourself, mark it as done, or set its reminder."""
    wishes = body.model_dump(exclude_unset=True)
    saved = await db.run(message_save, user=request.auth.user, room=room, seq=seq, **wishes)
    return json_response(saved_event(saved).encode())


@router.delete("/rooms/{room}/messages/{seq}/saved", auth=sending, response={204: None})
async def unsave_message(request: AuthedRequest, room: Slug, seq: Number) -> HttpResponse:
    """End it, also for a message that you can no longer read."""
    await db.run(message_unsave, user=request.auth.user, room=room, seq=seq)
    return HttpResponse(status=204)
