"""Endpoints of pins: pin messages to a room, order them, list them."""

from django.http import HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.messages import changed_message
from chat.api.schemas.base import Number
from chat.api.schemas.messages import PinPlace
from chat.live import db
from chat.protocol import events
from chat.protocol.errors import Code
from chat.protocol.fields import Slug
from chat.services.pins import message_pin, pins_of
from chat.services.pins import pin_move as move

router = Router(tags=["Messages"], auth=signed_in)


@router.get("/rooms/{room}/pins", response=events.Pins)
async def list_pins(request: AuthedRequest, room: Slug) -> HttpResponse:
    """The pinned messages of a room, in their order."""
    return json_response((await db.run(pins_of, user=request.auth.user, room=room)).encode())


@router.put("/rooms/{room}/messages/{seq}/pin", auth=sending, response={200: events.Message} | refusals(Code.CONFLICT))
async def pin_message(request: AuthedRequest, room: Slug, seq: Number) -> HttpResponse:
    """Pin a message, as the first of the room's pins (moderators, or members where the room allows it)."""
    return await changed_message(await db.run(message_pin, user=request.auth.user, room=room, seq=seq, on=True))


@router.delete("/rooms/{room}/messages/{seq}/pin", auth=sending, response=events.Message)
async def unpin_message(request: AuthedRequest, room: Slug, seq: Number) -> HttpResponse:
    """End the pin of a message."""
    return await changed_message(await db.run(message_pin, user=request.auth.user, room=room, seq=seq, on=False))


@router.patch("/rooms/{room}/messages/{seq}/pin", auth=sending, response=events.Pins)
async def move_pin(request: AuthedRequest, room: Slug, seq: Number, body: PinPlace) -> HttpResponse:
    """Put a pin directly below another one, or first."""
    user = request.auth.user
    await db.run(move, user=user, room=room, seq=seq, below=body.below)
    return json_response((await db.run(pins_of, user=user, room=room)).encode())
