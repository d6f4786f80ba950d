"""Endpoints of messages that are sent later: list, schedule, change, cancel, send now."""

from django.http import HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.base import Number
from chat.api.schemas.scheduled import NewSchedule, ScheduleChange
from chat.live import db
from chat.live.hub import current_hub
from chat.protocol.errors import Code
from chat.protocol.events import Ack, Scheduled, Schedules
from chat.protocol.fields import Slug
from chat.queries.scheduled import scheduled_of
from chat.services import scheduling

router = Router(tags=["Scheduled messages"], auth=signed_in)


@router.get("/scheduled", response=Schedules)
async def list_scheduled(request: AuthedRequest) -> HttpResponse:
    """Your messages that are sent later, the next one first, with those that could not be sent."""
    return json_response((await db.run(scheduled_of, request.auth.user)).encode())


@router.post("/rooms/{room}/scheduled", auth=sending, response={201: Scheduled})
async def schedule_message(request: AuthedRequest, room: Slug, body: NewSchedule) -> HttpResponse:
    """Post a message, in the room or in a thread, when the clocks of a time zone show a time."""
    made = await db.run(
        scheduling.schedule_make,
        user=request.auth.user,
        room=room,
        text=body.message,
        at=body.at,
        zone=body.zone,
        fold=body.fold,
        reply_to=body.reply_to,
        thread=body.thread,
        in_room=body.shown_in_room,
        files=tuple(body.files),
    )
    return json_response(made.encode(), 201)


@router.patch("/scheduled/{schedule}", auth=sending, response={200: Scheduled} | refusals(Code.CONFLICT))
async def change_scheduled(request: AuthedRequest, schedule: Number, body: ScheduleChange) -> HttpResponse:
    """Change the text or the time. One that could not be sent waits again."""
    wanted = body.model_dump(exclude_none=True)
    if "message" in wanted:
        wanted["text"] = wanted.pop("message")
    changed = await db.run(scheduling.schedule_change, user=request.auth.user, schedule=schedule, **wanted)
    return json_response(changed.encode())


@router.delete("/scheduled/{schedule}", auth=sending, response={204: None} | refusals(Code.CONFLICT))
async def cancel_scheduled(request: AuthedRequest, schedule: Number) -> HttpResponse:
    """Delete a scheduled message."""
    await db.run(scheduling.schedule_cancel, user=request.auth.user, schedule=schedule)
    return HttpResponse(status=204)


@router.post("/scheduled/{schedule}/send", auth=sending, response=Ack)
async def send_scheduled(request: AuthedRequest, schedule: Number) -> HttpResponse:
    """Post a scheduled message now."""
    posted = await current_hub().scheduled.send(schedule, user=request.auth.user)
    ack = Ack(room=posted.room, seq=posted.seq, rev=posted.rev, timestamp=posted.timestamp)
    return json_response(ack.encode())
