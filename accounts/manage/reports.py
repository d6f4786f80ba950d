"""The reports of conversations, which have no moderators."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts import services
from accounts.manage.frame import administrators, done, failed, page
from accounts.models import User
from chat.models import Participant
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError
from chat.queries.records import conversation_reports
from chat.services.reports import report_close


@administrators
def reports(request: HttpRequest, user: User) -> HttpResponse:
    """GET: the open ones, or with `?closed` those that were handled. POST: end one."""
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
        outcome = "dismissed" if act == "dismiss" else "banned"
        report = report_close(user=user.participant, report_id=int(asked), outcome=outcome)
        if act == "deactivate":
            author = Participant.objects.filter(username__iexact=report.author, user__isnull=False).first()
            account = User.objects.filter(participant=author).first() if author else None
            if account and account != user:
                services.account_deactivate(user=account)
                return done(request, "reports", _("The author is deactivated and signed out."))
            return failed(request, "reports", _("The author has no account that you can deactivate."))
    except ChatError as error:
        return failed(request, "reports", refusal_line(error))
    except services.LastAdministrator as error:
        return failed(request, "reports", str(error))
    return done(request, "reports", _("The report is dismissed."))
