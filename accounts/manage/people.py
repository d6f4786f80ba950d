"""The users of the server: search, deactivate, sign out, and who is an administrator."""

from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts import services
from accounts.manage.frame import ROWS, administrators, done, failed, page, place, typed
from accounts.models import User
from chat.models import AuditEntry
from chat.models.validators import ERASED_PREFIX
from chat.services.audit import audit

ACTS = ("deactivate", "activate", "sign_out", "appoint", "dismiss")


@administrators
def people(request: HttpRequest, _user: User) -> HttpResponse:
    """The list. Three queries, regardless of its length."""
    wanted = typed(request.GET, "q", 64)
    found = _people()
    if wanted:
        named = Q(username__icontains=wanted) | Q(participant__display_name__icontains=wanted)
        found = found.filter(named | Q(email__icontains=wanted))
    start = place(request)
    rows = list(found.order_by("-is_active", "username")[start : start + ROWS + 1])
    following = urlencode({"q": wanted, "from": start + ROWS}) if len(rows) > ROWS else ""
    return page(request, "people", wanted=wanted, rows=rows[:ROWS], total=found.count(), following=following)


@administrators
def person(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """Do one act to one user."""
    act, query = request.POST.get("act"), urlencode({"q": request.POST.get("q", "")[:64]})
    found = _people().filter(pk=pk).first()
    if request.method != "POST" or found is None or act not in ACTS:
        raise Http404
    name = found.told_name
    if found == user and act in {"deactivate", "dismiss"}:
        return failed(request, "people", _("Another administrator has to do that for you."), query=query)
    try:
        with transaction.atomic():
            sentence = _acted(found, act) % {"name": name}
            audit(actor=user.participant, action=AuditEntry.Action.PERSON, target=found.username, act=act)
    except services.LastAdministrator as error:
        return failed(request, "people", str(error), query=query)
    return done(request, "people", sentence, query=query)


def _people() -> QuerySet[User]:
    # Erased accounts no longer belong to a person, and are not activated again.
    return User.objects.select_related("participant").exclude(username__startswith=ERASED_PREFIX)


def _acted(found: User, act: str) -> str:
    if act == "deactivate":
        services.account_deactivate(user=found)
        return _("%(name)s is deactivated and signed out. Their messages stay.")
    if act == "activate":
        services.account_activate(user=found)
        return _("%(name)s can sign in again.")
    if act == "sign_out":
        services.sign_out_everywhere(user=found)
        return _("%(name)s is signed out everywhere.")
    services.administrator_make(user=found, on=act == "appoint")
    return _("%(name)s is an administrator.") if act == "appoint" else _("%(name)s is no administrator any more.")
