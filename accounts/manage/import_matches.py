"""Matches imported people with accounts, and undoes matches, by forms."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import done, failed
from accounts.manage.import_choices import OFFERED
from accounts.models import User
from chat.models import Participant
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError
from chat.services.imports.matching import match_begin, match_undo, matches


def match_facts() -> dict[str, Any]:
    """The facts for the page: the matches, and names for auto-completion. Three queries."""
    names = Participant.objects.filter(kind=Participant.Kind.IMPORTED).order_by("username")
    people = Participant.objects.filter(kind=Participant.Kind.PERSON, is_active=True).order_by("username")
    columns = ("username", "display_name")
    return {
        "matches": list(matches()),
        "imported_people": list(names.values_list(*columns)[:OFFERED]),
        "accounts": list(people.values_list(*columns)[:OFFERED]),
    }


def match_by_form(request: HttpRequest, user: User) -> HttpResponse:
    """Start or continue a match."""
    name, account = request.POST.get("name", ""), request.POST.get("account", "")
    try:
        match_begin(actor=user.participant, imported=name, account=account)
    except ChatError as error:
        return failed(request, "transfers", refusal_line(error))
    return done(request, "transfers", _("What the import brought is being moved to the account."))


def unmatch_by_form(request: HttpRequest, user: User) -> HttpResponse:
    """Undo a match."""
    try:
        match_undo(actor=user.participant, imported=request.POST.get("name", ""))
    except ChatError as error:
        return failed(request, "transfers", refusal_line(error))
    return done(request, "transfers", _("What was moved returns to the name."))
