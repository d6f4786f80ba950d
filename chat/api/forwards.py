"""Endpoints that forward a message with its files, to a room or to a person."""

from django.http import HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, sending
from chat.api.messages import IdempotencyKey, Posted, client_id_of, post_draft
from chat.api.schemas.base import Number
from chat.api.schemas.messages import ForwardTo, ForwardToPerson
from chat.live.direct_messages import open_direct_for
from chat.live.hub import current_hub
from chat.protocol.fields import Slug, Username
from chat.services.forwarding import Origin
from chat.services.posting import Draft

router = Router(tags=["Messages"], auth=sending)


@router.post("/rooms/{room}/messages/{seq}/forward", response=Posted)
async def forward_message(
    request: AuthedRequest, room: Slug, seq: Number, body: ForwardTo, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Forward a message with its files to a room in which you may write, or to a thread of it. Answers the new
    message."""
    client_id = client_id_of(body, idempotency_key)
    draft = Draft(request.auth.user, body.to_room, body.comment, client_id, origin=Origin(room, seq), ends_draft=False)
    return await post_draft(draft._replace(thread=body.thread, in_room=body.shown_in_room))


@router.post("/direct/{username}/forward", response=Posted)
async def forward_direct(
    request: AuthedRequest, username: Username, body: ForwardToPerson, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Forward a message with its files to a person. The conversation is created with the first message."""
    user, client_id, origin = request.auth.user, client_id_of(body, idempotency_key), Origin(body.room, body.seq)
    room = await open_direct_for(current_hub(), user, username, origin)
    return await post_draft(Draft(user, room.slug, body.comment, client_id, origin=origin, ends_draft=False))
