"""Imports of another chat's history: hand in, check, import, undo. Forms; scripts refresh the progress."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import done, failed
from accounts.manage.import_choices import Choice, chosen_people, chosen_rooms, people_choices, room_choices
from accounts.models import User
from chat.importing.formats import FORMATS, chat_name
from chat.importing.stream import NotAnExport
from chat.models import ImportJob, ImportRun
from chat.pages.export_rows import time_left
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError, Code
from chat.server.form_files import form_files
from chat.services.imports.jobs import STEPS, import_ask, import_step

SHOWN = 20
EMOJI_SHOWN = 20
DAY_FIRST = {"day": True, "month": False}


@dataclass(frozen=True, slots=True)
class JobRow:
    """An import as the page lists it: the choices available now, and the results of the check or the run."""

    job: ImportJob
    problem: str
    steps: frozenset[str]
    rooms: list[Choice]
    people: list[Choice]
    # Number of people and rooms of the report without a field on the page.
    more: int
    open: bool
    # Whether part of it was imported, so that it can be undone.
    written: bool
    # The remaining time of the step in words, or "".
    left: str
    # The URL of the list of items that were left out.
    problems: str
    # Names of emoji that occur in reactions but do not exist here: the first ones, and the number of the others.
    emoji: list[str]
    emoji_more: int


def formats() -> list[tuple[str, str]]:
    """The formats, with the names of their chats."""
    return [(name, chat_name(name)) for name in FORMATS]


def job_rows() -> list[JobRow]:
    """The newest imports."""
    rows = []
    written = Exists(ImportRun.objects.filter(job=OuterRef("pk")))
    for job in ImportJob.objects.select_related("by").annotate(written=written)[:SHOWN]:
        report = job.report or {}
        people, rooms = people_choices(job), room_choices(job)
        emoji = [one["name"] for one in report.get("emoji", []) if not one["here"]]
        found = len(report.get("people", [])) + len(report.get("rooms", []))
        rows.append(
            JobRow(
                job=job,
                problem=refusal_line(ChatError(Code.INVALID, job.problem)) if job.problem else "",
                steps=frozenset(name for name, (states, _) in STEPS.items() if job.state in states),
                rooms=rooms,
                people=people,
                more=found - len(people) - len(rooms),
                open=job.state in {"checked", "failed"},
                written=job.written,
                left=time_left(job.done, job.total, job.rate),
                problems=f"/api/v1/imports/{job.pk}/problems",
                emoji=emoji[:EMOJI_SHOWN],
                emoji_more=len(emoji[EMOJI_SHOWN:]),
            )
        )
    return rows


def import_by_form(request: HttpRequest, user: User) -> HttpResponse:
    """Hand in an archive: an earlier upload, a file in the form, or a path inside `CHAT_IMPORT_DIR`."""
    said = {
        name: request.POST.get(name, "").strip()
        for name in ("format", "path", "zone", "room", "order", "people", "upload")
    }
    files = form_files(request)
    try:
        if files.problem:
            raise files.problem
        import_ask(
            user=user.participant,
            format_name=said["format"],
            key=said["upload"] or next(iter(files.ids), ""),
            path=said["path"],
            zone=said["zone"],
            day_first=DAY_FIRST.get(said["order"]),
            room=said["room"],
            people=said["people"],
        )
    except ChatError as error:
        return failed(request, "transfers", refusal_line(error))
    return done(request, "transfers", _("The archive is being checked. Nothing is imported yet."))


def step_by_form(request: HttpRequest, user: User) -> HttpResponse:
    """Start the next step of an import."""
    asked = request.POST.get("import", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0
    step = request.POST.get("step", "")
    choices: dict[str, Any] = {}
    try:
        if "choices" in request.POST and (job := ImportJob.objects.filter(pk=number).first()):
            choices = {"people": chosen_people(job, request.POST), "rooms": chosen_rooms(job, request.POST)}
        import_step(user=user.participant, number=number, step=step, **choices)
    except NotAnExport as error:
        return failed(request, "transfers", refusal_line(ChatError(Code.INVALID, str(error))))
    except ChatError as error:
        return failed(request, "transfers", refusal_line(error))
    return done(request, "transfers", _("Saved."))
