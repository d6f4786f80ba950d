"""The choices in the form of a checked import: which account a person is, and what happens to rooms.

The first people have fields, the others lines of `source,username`.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from chat.importing.stream import NotAnExport
from chat.models import CONVERSATIONS, ImportJob, Participant, Room
from chat.services.imports.people import LEAVE, NEW, pairs_read
from chat.services.imports.room_choices import SKIP

# Two fields each; Django accepts 1,000 fields in a form.
PEOPLE_SHOWN, ROOMS_SHOWN = 200, 200
OFFERED = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """A person or room of the export, and the choice: `leave`, `new`, `is` or `skip`, and the local name for `is`."""

    source: str
    title: str
    chosen: str
    into: str
    messages: int = 0


def people_choices(job: ImportJob) -> list[Choice]:
    """The people that the check found, those without an account first."""
    lines = lines_of(job.people)
    found = sorted(job.report.get("people", []), key=lambda one: bool(one["account"]))
    return [_person(one, lines.get(one["source"])) for one in found[:PEOPLE_SHOWN]]


def room_choices(job: ImportJob) -> list[Choice]:
    """The rooms that the check found."""
    return [_room(one) for one in job.report.get("rooms", [])[:ROOMS_SHOWN]]


def chosen_people(job: ImportJob, form: QueryDict) -> str:
    """The lines of the form, some of them replaced by its fields.

    Raises:
        NotAnExport: a line is invalid, or `is` was chosen for a person without a name.
    """
    lines = lines_of(form.get("people", job.people), strict=True)
    matched = {one["source"] for one in job.report.get("people", []) if one["account"]}
    for source, chosen, into in _fields(form, "person"):
        known = lines.pop(source, None)
        if chosen == "new":
            lines[source] = known if known and known.startswith(NEW) else NEW
        elif chosen == "is":
            lines[source] = into
        elif chosen == "leave" and source in matched:
            lines[source] = LEAVE
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines.items())
    return out.getvalue()


def chosen_rooms(job: ImportJob, form: QueryDict) -> dict[str, str]:
    """The choices of rooms in the form, and the earlier ones of rooms without a field.

    Raises:
        NotAnExport: `is` was chosen for a room without a name.
    """
    rooms: dict[str, str] = dict(job.rooms)
    for source, chosen, into in _fields(form, "room"):
        rooms.pop(source, None)
        if chosen == "skip":
            rooms[source] = SKIP
        elif chosen == "is":
            rooms[source] = into
    return rooms


def offered() -> dict[str, Any]:
    """Names for auto-completion: the first local people and rooms. Two queries."""
    people = Participant.objects.filter(is_active=True, kind=Participant.Kind.PERSON).order_by("username")
    rooms = Room.objects.exclude(kind__in=CONVERSATIONS).filter(archived=False).order_by("slug")
    return {
        "our_people": list(people.values_list("username", "display_name")[:OFFERED]),
        "our_rooms": list(rooms.values_list("slug", "title")[:OFFERED]),
    }


def lines_of(text: str, *, strict: bool = False) -> dict[str, str]:
    """The lines of `source,username`; invalid text gives no lines, unless `strict`."""
    try:
        return {source: said for _, source, said in pairs_read(text, "", "username")}
    except NotAnExport:
        if strict:
            raise
        return {}


def _person(found: Mapping[str, Any], line: str | None) -> Choice:
    title = found["title"] or found["username"]
    if line and line.startswith(NEW):
        return Choice(found["source"], title, "new", "")
    if line != LEAVE and found["account"]:
        return Choice(found["source"], title, "is", found["username"])
    return Choice(found["source"], title, "leave", "")


def _room(found: Mapping[str, Any]) -> Choice:
    chosen = found.get("as", NEW)
    kind = {SKIP: "skip", NEW: "new"}.get(chosen, "is")
    return Choice(found["source"], found["title"] or found["source"], kind, found["room"] or "", found["messages"])


def _fields(form: QueryDict, kind: str) -> Iterator[tuple[str, str, str]]:
    """The source, choice and name of each person or room in the form.

    Raises:
        NotAnExport: `is` was chosen without a name.
    """
    prefix = f"{kind}-as:"
    for field, chosen in form.items():
        if field.startswith(prefix) and isinstance(chosen, str):
            source = field.removeprefix(prefix)
            into = form.get(f"{kind}-into:{source}", "").strip().lstrip("@#")
            if chosen == "is" and not into:
                raise NotAnExport(f"{source}: say which of ours it is")
            yield source, chosen, into
