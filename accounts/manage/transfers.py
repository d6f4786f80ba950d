"""Import and export: the requested archives, and the imported histories."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import ROWS, administrators, done, failed, page, place
from accounts.manage.import_choices import offered
from accounts.manage.import_matches import match_by_form, match_facts, unmatch_by_form
from accounts.manage.imports import formats, import_by_form, job_rows, step_by_form
from accounts.models import User
from chat.models import Export
from chat.pages import scripts
from chat.pages.export_rows import rows_of
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError
from chat.services.exports.requests import export_start
from chat.services.imports.uploads import ENDINGS


@administrators
def transfers(request: HttpRequest, user: User) -> HttpResponse:
    """GET: everyone's exports, and for superusers the imports. POST: request one, or start an import's next step."""
    if request.method == "POST":
        acts = {"export": _export, "import": import_by_form, "step": step_by_form}
        acts |= {"match": match_by_form, "unmatch": unmatch_by_form}
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        return act(request, user)
    start = place(request)
    found = list(Export.objects.select_related("by", "room", "person")[start : start + ROWS + 1])
    following = f"from={start + ROWS}" if len(found) > ROWS else ""
    facts: dict[str, Any] = {"exports": rows_of(request, found[:ROWS]), "import_map": scripts.import_map()}
    # As in the API: the report of an import names private rooms.
    if user.is_superuser:
        facts |= _import_facts()
    return page(request, "transfers", following=following, **facts)


def _import_facts() -> dict[str, Any]:
    facts: dict[str, Any] = {"formats": formats(), "jobs": job_rows(), "import_dir": settings.CHAT_IMPORT_DIR}
    facts |= {"file_most": settings.CHAT_FILE_MAX, "import_most": settings.CHAT_IMPORT_MAX}
    facts |= {"import_endings": " ".join(ENDINGS)} | match_facts()
    if any("check" in row.steps for row in facts["jobs"]):
        facts |= offered()
    return facts


def _export(request: HttpRequest, user: User) -> HttpResponse:
    said = {name: request.POST.get(name, "").strip() for name in ("scope", "room", "person", "since", "format")}
    if said["scope"] not in Export.Scope.values:
        raise Http404
    try:
        since = datetime.fromisoformat(said["since"]).replace(tzinfo=UTC) if said["since"] else None
    except ValueError:
        return failed(request, "transfers", _("That is no date."))
    try:
        export_start(
            user=user.participant,
            scope=said["scope"],
            room=said["room"].removeprefix("#"),
            person=said["person"] or user.participant.username,
            since=since,
            files="files" in request.POST,
            format_name=Export.Format.HTML if said["format"] == "html" else Export.Format.ARCHIVE,
        )
    except ChatError as error:
        return failed(request, "transfers", refusal_line(error))
    return done(request, "transfers", _("The export is being prepared. It will be listed here."))
