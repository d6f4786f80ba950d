"""Imports that administrators request on the page: handing in an archive, and each step that they choose."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.importing.formats import FORMATS
from chat.importing.stream import NotAnExport
from chat.models import AuditEntry, File, ImportJob, Participant
from chat.protocol.errors import ChatError, Code, not_found
from chat.rules import staff_refusal
from chat.services.audit import audit
from chat.services.imports.people import people_read
from chat.services.imports.room_choices import rooms_check

# An archive that is not imported is deleted after this time, and an import can be undone within it.
KEPT_FOR = timedelta(days=7)
State = ImportJob.State
# For each step: the states in which it may be chosen, and the state that it leads to.
STEPS: dict[str, tuple[frozenset[str], str]] = {
    "check": (frozenset({State.CHECKED, State.FAILED, State.PAUSED}), State.CHECKING),
    "start": (frozenset({State.CHECKED}), State.IMPORTING),
    "pause": (frozenset({State.IMPORTING}), State.PAUSED),
    "continue": (frozenset({State.PAUSED, State.FAILED}), State.IMPORTING),
    "drop": (frozenset({State.CHECKING, State.CHECKED, State.FAILED}), State.DROPPED),
    "undo": (frozenset({State.DONE, State.PAUSED, State.FAILED}), State.UNDOING),
}


def import_ask(
    *,
    user: Participant,
    format_name: str,
    key: str = "",
    path: str = "",
    zone: str = "",
    day_first: bool | None = None,
    room: str = "",
    people: str = "",
    rooms: Mapping[str, str] | None = None,
) -> ImportJob:
    """Hand in an archive. It is checked first, and imported when an administrator starts it. `key`: of a file that the
    person uploaded; `path`: inside `CHAT_IMPORT_DIR`; `people`: lines as in `chat.services.imports.people`; `rooms`:
    as in `chat.services.imports.room_choices`.

    Raises:
        ChatError: `forbidden`, `invalid`, `not_found`, `conflict` while another import is under way.
    """
    check_may_import(user)
    if format_name not in FORMATS:
        raise ChatError(Code.INVALID, "Choose the chat that the export comes from.")
    check_zone(zone)
    check_choices(people, rooms or {})
    facts = {"zone": zone, "day_first": day_first, "room": room[:255], "people": people, "rooms": dict(rooms or {})}
    job = ImportJob(by=user, format=format_name, **facts)
    with transaction.atomic():
        # Serializes two concurrent requests, so that the second sees the first.
        Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
        if ImportJob.objects.filter(state__in=ImportJob.WORK).exists():
            raise ChatError(Code.CONFLICT, "Another import is under way. Wait until it is done, or pause it.")
        if key:
            if "\0" in key:
                raise not_found("file")
            mine = File.objects.stored().filter(uploader=user, key=key, message=None, kept=False)
            job.file = mine.first()
            # Kept: no message can take it, and the sweep leaves it alone.
            if job.file is None or not mine.update(kept=True):
                raise not_found("file")
            job.name = job.file.name
        else:
            job.path = str(inside(path))
            job.name = Path(job.path).name[:255]
        job.save()
        _note(user, job, "ask")
    return job


def import_step(
    *, user: Participant, number: int, step: str, people: str | None = None, rooms: Mapping[str, str] | None = None
) -> ImportJob:
    """Start, pause, continue, undo, drop or recheck an import. `people` and `rooms`: new choices, for a check or a
    start.

    Raises:
        ChatError: `forbidden`, `not_found`, `invalid`, `conflict` when the import has moved to another state.
    """
    check_may_import(user)
    job = ImportJob.objects.filter(pk=number).first()
    if job is None or step not in STEPS:
        raise not_found("import")
    states, then = STEPS[step]
    changes: dict[str, Any] = {"state": then, "problem": "", "tries": 0}
    if step in {"check", "start"}:
        check_choices(people or "", rooms or {})
        chosen = {"people": people, "rooms": None if rooms is None else dict(rooms)}
        changes |= {name: value for name, value in chosen.items() if value is not None}
    if step == "undo" and job.ended_at and job.ended_at < timezone.now() - KEPT_FOR:
        raise ChatError(Code.CONFLICT, "An import can be undone for 7 days. manage.py import --undo still can.")
    with transaction.atomic():
        if step == "drop" and job.runs.exists():
            raise ChatError(Code.CONFLICT, "Some of it is imported already. Undo the import instead.")
        others = ImportJob.objects.filter(state__in=ImportJob.WORK).exclude(pk=job.pk)
        if then in ImportJob.WORK and others.exists():
            raise ChatError(Code.CONFLICT, "Another import is under way. Wait until it is done, or pause it.")
        if not ImportJob.objects.filter(pk=job.pk, state__in=states).update(**changes):
            raise ChatError(Code.CONFLICT, "The import has gone on meanwhile. Look at its state, then choose again.")
        if step == "drop":
            import_forget(job)
        _note(user, job, step)
    job.refresh_from_db()
    return job


def import_forget(job: ImportJob) -> None:
    """Let the sweep delete the uploaded archive."""
    if job.file_id:
        ImportJob.objects.filter(pk=job.pk).update(file=None)
        File.objects.filter(pk=job.file_id).update(kept=False, state=File.State.GONE)


def check_may_import(user: Participant) -> None:
    """Check that the person is an administrator with all rights.

    Raises:
        ChatError: `forbidden`.
    """
    rights = user.is_staff and bool(getattr(user.user, "is_superuser", False))
    problem = staff_refusal(
        "Only administrators with all rights may do that.", staff=rights, may_moderate=user.may_moderate
    )
    if problem:
        raise problem


def inside(path: str) -> Path:
    """The resolved path of an export on the server, if it is inside `CHAT_IMPORT_DIR` after following symbolic links.

    Raises:
        ChatError: `invalid`, `not_found`.
    """
    if not settings.CHAT_IMPORT_DIR:
        raise ChatError(Code.INVALID, "Choose a file to upload.")
    folder = Path(settings.CHAT_IMPORT_DIR).resolve()
    try:
        found = (folder / path.strip()).resolve()
    except (OSError, ValueError, RuntimeError):
        raise _outside() from None
    if not path.strip() or found == folder or not found.is_relative_to(folder):
        raise _outside()
    if not found.exists():
        raise ChatError(Code.NOT_FOUND, "There is no such file in the folder of imports.")
    return found


def check_zone(zone: str) -> None:
    """Check that `zone` is a time zone or empty.

    Raises:
        ChatError: `invalid`.
    """
    try:
        if zone:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ChatError(Code.INVALID, "That is no time zone. They are called Europe/Berlin or UTC.") from None


def check_choices(people: str, rooms: Mapping[str, str]) -> None:
    """Check the lines that map people, and the rooms that messages are imported into.

    Raises:
        ChatError: `invalid`, with the line or the room.
    """
    try:
        people_read(people, "")
        rooms_check(rooms)
    except NotAnExport as error:
        raise ChatError(Code.INVALID, str(error)) from None


def _outside() -> ChatError:
    return ChatError(Code.INVALID, "Name a file or folder inside the folder of imports.")


def _note(user: Participant, job: ImportJob, act: str) -> None:
    audit(actor=user, action=AuditEntry.Action.IMPORT, act=act, job=job.pk, format=job.format, name=job.name)
