"""Endpoints of imports, for administrators with all rights: submit, list, and choose the next step."""

import csv
import io
from collections.abc import Mapping

from django.http import HttpResponse
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas import imports as schemas
from chat.api.schemas.base import Number
from chat.lib.pace import seconds_left
from chat.live import db
from chat.models import ImportJob, Participant
from chat.protocol.errors import Code, not_found
from chat.protocol.events import stamp
from chat.server.sending import disposition
from chat.services.imports.jobs import check_may_import, import_ask, import_step
from chat.services.imports.problems import Format, problems_file

router = Router(tags=["Imports"], auth=signed_in)
SHOWN = 50
PROBLEM_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}


@router.post("/imports", auth=sending, response={201: schemas.Import} | refusals(Code.CONFLICT))
async def start_import(request: AuthedRequest, body: schemas.NewImport) -> HttpResponse:
    """Hand in an export of another chat. It is checked: nothing is written before you start it."""
    return json_response((await db.run(_ask, request.auth.user, body)).model_dump_json(), 201)


@router.get("/imports", response=schemas.Imports)
async def list_imports(request: AuthedRequest) -> HttpResponse:
    """The imports of the page and the API, the newest first, at most 50, without their reports."""
    return json_response((await db.run(_list, request.auth.user)).model_dump_json())


@router.get("/imports/{import_id}", response=schemas.Import)
async def show_import(request: AuthedRequest, import_id: Number) -> HttpResponse:
    """An import with its report."""
    return json_response((await db.run(_show, request.auth.user, import_id)).model_dump_json())


@router.get("/imports/{import_id}/problems", response={200: None})
async def download_problems(
    request: AuthedRequest, import_id: Number, asked: Query[schemas.ProblemsQuery]
) -> HttpResponse:
    """What the check or the import left out, as a file: a row for each place in the export, of each reason the first
    100."""
    name, text = await db.run(_problems, request.auth.user, import_id, asked.format)
    response = HttpResponse(text, content_type=PROBLEM_TYPES[asked.format])
    response["Content-Disposition"] = disposition(name)
    response["Cache-Control"] = "no-store"
    return response


@router.post("/imports/{import_id}/{step}", auth=sending, response={200: schemas.Import} | refusals(Code.CONFLICT))
async def step_import(
    request: AuthedRequest, import_id: Number, step: schemas.Step, body: schemas.ImportStep
) -> HttpResponse:
    """Check again, start, pause, continue, undo or drop (discard what is not imported) an import."""
    return json_response((await db.run(_step, request.auth.user, import_id, step, body)).model_dump_json())


def _ask(user: Participant, body: schemas.NewImport) -> schemas.Import:
    job = import_ask(
        user=user,
        format_name=body.format,
        key=body.upload or "",
        path=body.path or "",
        zone=body.zone,
        day_first=body.day_first,
        room=body.room,
        people=_lines(body.people),
        rooms=body.rooms,
    )
    job.refresh_from_db(fields=["created_at"])
    return _facts(job)


def _list(user: Participant) -> schemas.Imports:
    check_may_import(user)
    jobs = ImportJob.objects.select_related("by").defer("report")[:SHOWN]
    return schemas.Imports(imports=[_facts(job) for job in jobs])


def _show(user: Participant, number: int) -> schemas.Import:
    return _facts(_found(user, number), whole=True)


def _problems(user: Participant, number: int, form: Format) -> tuple[str, str]:
    job = _found(user, number)
    return f"import-{job.pk}-problems.{form}", problems_file(job.report, form)


def _found(user: Participant, number: int) -> ImportJob:
    check_may_import(user)
    job = ImportJob.objects.select_related("by").filter(pk=number).first()
    if job is None:
        raise not_found("import")
    return job


def _step(user: Participant, number: int, step: str, body: schemas.ImportStep) -> schemas.Import:
    people = None if body.people is None else _lines(body.people)
    return _facts(import_step(user=user, number=number, step=step, people=people, rooms=body.rooms))


def _lines(people: Mapping[str, str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(people.items())
    return out.getvalue()


def _facts(job: ImportJob, *, whole: bool = False) -> schemas.Import:
    return schemas.Import(
        id=job.pk,
        by=job.by.username,
        **{name: getattr(job, name) for name in ("format", "name", "state", "done", "total", "rate", "problem")},
        left=seconds_left(job.done, job.total, job.rate),
        created_at=stamp(job.created_at),
        ended_at=stamp(job.ended_at) if job.ended_at else None,
        report=job.report if whole else None,
    )
