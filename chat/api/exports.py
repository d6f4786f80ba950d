"""Endpoints of exports: ask for one, list and download one's own."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas import exports as schemas
from chat.api.schemas.base import Number
from chat.live import db
from chat.models import Export, Participant
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import stamp
from chat.server.sending import export_response
from chat.services.exports.requests import export_download, export_start, exports_of

router = Router(tags=["Exports"], auth=signed_in)


@router.post("/exports", auth=sending, response={201: schemas.Export} | refusals(Code.CONFLICT, Code.QUOTA))
async def start_export(request: AuthedRequest, body: schemas.NewExport) -> HttpResponse:
    """Ask for an export. It is prepared while the server runs, and kept for 7 days; one of yours at a time."""
    return json_response((await db.run(_start, request.auth.user, body)).model_dump_json(), 201)


@router.get("/exports", response=schemas.Exports)
async def list_exports(request: AuthedRequest) -> HttpResponse:
    """The exports that you asked for, the newest first, at most 50."""
    return json_response((await db.run(_exports, request.auth.user)).model_dump_json())


@router.get("/exports/{export}/download", response={200: None} | refusals(Code.CONFLICT))
async def download_export(request: AuthedRequest, export: Number) -> HttpResponseBase:
    """The bytes of an export of yours that is ready: a zip, also in ranges. With a token only: a page asks for the
    password first. Each download is noted in the audit record."""
    # Also by a ticket of the session.
    if request.auth.credential[0] == "session":
        raise ChatError(Code.FORBIDDEN, "Download it from your settings, where your password is asked, or use a token.")
    found = await db.run(export_download, user=request.auth.user, number=export)
    return await export_response(request, found)


def _start(user: Participant, body: schemas.NewExport) -> schemas.Export:
    export = export_start(
        user=user,
        scope=body.scope,
        room=body.room or "",
        person=body.person or "",
        since=body.since,
        files=body.files,
        format_name=body.format,
    )
    export.refresh_from_db(fields=["created_at"])
    return _facts(export)


def _exports(user: Participant) -> schemas.Exports:
    return schemas.Exports(exports=[_facts(export) for export in exports_of(user)])


def _facts(export: Export) -> schemas.Export:
    return schemas.Export(
        id=export.pk,
        by=export.by.username,
        room=export.room.slug if export.room else None,
        person=export.person.username if export.person else None,
        **{name: getattr(export, name) for name in ("scope", "files", "format", "state", "done", "size", "problem")},
        **{
            name: stamp(at) if (at := getattr(export, name)) else None
            for name in ("since", "created_at", "ready_at", "expires_at")
        },
    )
