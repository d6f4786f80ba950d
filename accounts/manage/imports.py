"""Taking over the history of another chat: hand in, check, import, undo. Forms; scripts refresh the progress."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import done, failed
from accounts.models import User
from chat.importing.formats import FORMATS
from chat.models import ImportJob
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError, Code
from chat.server.form_files import form_files
from chat.services.imports.jobs import STEPS, import_ask, import_step

NAMES = {
    "mattermost": "Mattermost", "rocketchat": "Rocket.Chat", "whatsapp": "WhatsApp", "irc": "IRC", "teams": "Teams",
}  # fmt: skip
SHOWN = 20
PEOPLE_SHOWN, ROOMS_SHOWN = 200, 200
DAY_FIRST = {"day": True, "month": False}


@dataclass(frozen=True, slots=True)
class JobRow:
    """An import as the page lists it: what may be chosen now, and what the check or the run found."""

    job: ImportJob
    problem: str
    steps: frozenset[str]
    rooms: list[dict[str, Any]]
    people: list[dict[str, Any]]
    open: bool


def formats() -> list[tuple[str, str]]:
    """The formats with the names of their chats."""
    return [(name, NAMES.get(name, name.capitalize())) for name in FORMATS]


def job_rows() -> list[JobRow]:
    """The newest imports."""
    rows = []
    for job in ImportJob.objects.select_related("by")[:SHOWN]:
        report = job.report or {}
        unmatched = [one for one in report.get("people", []) if not one["account"]]
        rows.append(
            JobRow(
                job=job,
                problem=refusal_line(ChatError(Code.INVALID, job.problem)) if job.problem else "",
                steps=frozenset(name for name, (states, _) in STEPS.items() if job.state in states),
                rooms=report.get("rooms", [])[:ROOMS_SHOWN],
                people=unmatched[:PEOPLE_SHOWN],
                open=job.state in {"checked", "failed"},
            )
        )
    return rows


def import_by_form(request: HttpRequest, user: User) -> HttpResponse:
    """Hand in an archive: a file of the form, or a path inside `CHAT_IMPORT_DIR`."""
    said = {name: request.POST.get(name, "").strip() for name in ("format", "path", "zone", "room", "order", "people")}
    files = form_files(request)
    try:
        if files.problem:
            raise files.problem
        import_ask(
            user=user.participant,
            format_name=said["format"],
            key=files.ids[0] if files.ids else "",
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
    """The next step of an import."""
    asked = request.POST.get("import", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0
    people = request.POST.get("people") if "people" in request.POST else None
    try:
        import_step(user=user.participant, number=number, step=request.POST.get("step", ""), people=people)
    except ChatError as error:
        return failed(request, "transfers", refusal_line(error))
    return done(request, "transfers", _("Saved."))
