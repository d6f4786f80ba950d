"""Endpoints of exports: request one, list and download your own."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas import exports as schemas
from chat.api.schemas.base import Number
from chat.identity.password_proofs import PROOF_SECONDS, proof_holds, proof_issue
from chat.identity.passwords import TooManyAttempts, check_password, has_password
from chat.lib import client_address
from chat.lib.pace import seconds_left
from chat.live import db
from chat.models import Export, Participant
from chat.protocol.errors import ChatError, Code, not_found
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


@router.post("/exports/{export}/proof", auth=sending, response=schemas.ExportProof)
async def prove_export(request: AuthedRequest, export: Number, body: schemas.ExportPassword) -> HttpResponse:
    """Give your password again, for one download of an export by a session: within a minute, add `?proof=` to its
    address. An account without a password gives an empty one."""
    await db.sign_in(_check_password, request.auth.user, export, body.password, client_address.of_request(request))
    proof = proof_issue(request.auth, _act(export))
    return json_response(schemas.ExportProof(proof=proof, expires_in=PROOF_SECONDS).model_dump_json())


@router.get("/exports/{export}/download", response={200: None} | refusals(Code.CONFLICT))
async def download_export(
    request: AuthedRequest, export: Number, asked: Query[schemas.DownloadQuery]
) -> HttpResponseBase:
    """The bytes of an export of yours that is ready: a zip, also in ranges. A token downloads what its person may have
    and its scopes allow; a session gives the password first, for `proof`. Each download is noted in the audit
    record."""
    # Also true for a ticket of a session.
    session = request.auth.credential[0] == "session"
    if session and not proof_holds(request.auth, _act(export), asked.proof):
        raise ChatError(Code.FORBIDDEN, "Give your password again to download an export.")
    found = await db.run(export_download, user=request.auth.user, number=export)
    return await export_response(request, found)


def _act(export: int) -> str:
    return f"export {export}"


def _check_password(user: Participant, number: int, password: str, address: str) -> None:
    """Check the caller's password, and that the export is theirs."""
    if not Export.objects.filter(pk=number, by=user).exists():
        raise not_found("export")
    login = user.user
    if login is None or not has_password(login):
        return
    try:
        # Limited like signing in: an open session must not allow guessing.
        found = check_password(username=login.get_username(), password=password, address=address)
    except TooManyAttempts as error:
        raise ChatError(Code.RATE_LIMITED, str(error), retry_after=error.retry_after) from None
    if found is None:
        raise ChatError(Code.INVALID, "That is not your password.", fields={"password": "is not yours"})


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
        asks_password=has_password(export.by.user),
        room=export.room.slug if export.room else None,
        person=export.person.username if export.person else None,
        left=seconds_left(export.done, export.total, export.rate),
        **{name: getattr(export, name) for name in ("scope", "files", "format", "state", "size", "problem")},
        **{name: getattr(export, name) for name in ("done", "total", "rate")},
        **{
            name: stamp(at) if (at := getattr(export, name)) else None
            for name in ("since", "created_at", "ready_at", "expires_at")
        },
    )
