"""The open invitations of all users."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import ROWS, administrators, done, page, place
from accounts.models import Invitation, User
from accounts.services import invitation_end
from accounts.workspace import signup


@administrators
def invitations(request: HttpRequest, user: User) -> HttpResponse:
    """GET: the list. POST: end one."""
    if request.method == "POST":
        asked = request.POST.get("invitation", "")
        if asked.isascii() and asked.isdigit() and len(asked) < 18:
            invitation_end(pk=int(asked), user=user)
        return done(request, "invitations", _("The link does not work any more."))
    start = place(request)
    found = Invitation.objects.usable().select_related("created_by__participant")
    rows = list(found[start : start + ROWS + 1])
    following = f"from={start + ROWS}" if len(rows) > ROWS else ""
    return page(request, "invitations", rows=rows[:ROWS], following=following, mode=signup())
