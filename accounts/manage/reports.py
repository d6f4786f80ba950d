"""The reports of conversations, which have no moderators."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts import services
from accounts.manage.frame import administrators, done, failed, page
from accounts.models import User
from chat.models import AuditEntry, Message, Report
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError
from chat.queries.records import conversation_reports
from chat.services.audit import audit
from chat.services.reports import report_close


@administrators
def reports(request: HttpRequest, user: User) -> HttpResponse:
    """GET: the open reports, or with `?closed` the closed ones. POST: close one."""
    if request.method == "POST":
        return _close(request, user)
    closed = "closed" in request.GET
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    found = conversation_reports(before=before, closed=closed)
    following = f"before={found.reports[-1].id}{'&closed' if closed else ''}" if found.has_older else ""
    return page(request, "reports", rows=found.reports, closed=closed, following=following)


def _close(request: HttpRequest, user: User) -> HttpResponse:
    asked, act = request.POST.get("report", ""), request.POST.get("act", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18) or act not in {"dismiss", "deactivate"}:
        raise Http404
    try:
        if act == "dismiss":
            report_close(user=user.participant, report_id=int(asked), outcome="dismissed")
            return done(request, "reports", _("The report is dismissed."))
        # Both or neither: a report marked "banned" whose author can still write would be overlooked.
        with transaction.atomic():
            _deactivate(user, report_close(user=user.participant, report_id=int(asked), outcome="banned"))
    except ChatError as error:
        return failed(request, "reports", refusal_line(error))
    except services.LastAdministrator as error:
        return failed(request, "reports", str(error))
    except _NoAccount:
        return failed(request, "reports", _("The author has no account that you can deactivate."))
    return done(request, "reports", _("The author is deactivated and signed out."))


class _NoAccount(Exception):
    """Raised when the author has no account, or it is the administrator's own."""


def _deactivate(user: User, report: Report) -> None:
    # Look up the message's author: the report holds the name at that time, which may belong to another user now.
    author = Message.objects.filter(room=report.room_id, seq=report.seq).values("author")
    account = User.objects.filter(participant__in=author, is_active=True).exclude(pk=user.pk).first()
    if account is None:
        raise _NoAccount
    services.account_deactivate(user=account)
    act = AuditEntry.Action.PERSON
    audit(actor=user.participant, action=act, target=account.username, act="deactivate", report=report.pk)
