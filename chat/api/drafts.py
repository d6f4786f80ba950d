"""Endpoints of drafts: list them, keep one."""

from django.http import HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response
from chat.api.schemas.drafts import NewDraft
from chat.live import db
from chat.protocol.events import Draft, Drafts
from chat.protocol.fields import Slug
from chat.queries.drafts import drafts_of
from chat.services.drafts import draft_save

router = Router(tags=["Drafts"], auth=signed_in)


@router.get("/drafts", response=Drafts)
async def list_drafts(request: AuthedRequest) -> HttpResponse:
    """What you have begun to write, in all rooms, the newest first."""
    return json_response((await db.run(drafts_of, request.auth.user)).encode())


@router.put("/rooms/{room}/draft", auth=sending, response=Draft)
async def keep_draft(request: AuthedRequest, room: Slug, body: NewDraft) -> HttpResponse:
    """Keep what you have begun for your other devices; an empty text deletes it. Returns what is kept, which may be
    newer. A post ends the draft of its room."""
    kept = await db.run(draft_save, user=request.auth.user, room=room, text=body.text, thread=body.thread, at=body.at)
    return json_response(kept.encode())
