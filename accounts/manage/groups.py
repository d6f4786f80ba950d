"""Groups of people that a message can mention by one name."""

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import administrators, done, failed, page, typed
from accounts.models import User
from chat.models import Participant, PeopleGroup
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError
from chat.services.groups import group_end, group_make, group_member


@administrators
def groups(request: HttpRequest, user: User) -> HttpResponse:
    """GET: the list, with two queries. POST: create a group, delete one, or change its members."""
    if request.method == "POST":
        return _change(request, user.participant)
    people = Prefetch("people", Participant.objects.filter(is_active=True).order_by("username"))
    return page(request, "groups", rows=PeopleGroup.objects.prefetch_related(people))


def _change(request: HttpRequest, user: Participant) -> HttpResponse:
    act, handle, username = (typed(request.POST, name, 64) for name in ("act", "handle", "username"))
    try:
        if act == "make":
            made = group_make(user=user, handle=handle, title=request.POST.get("title", ""))
            return done(request, "groups", _("@%(name)s is there. Put people into it.") % {"name": made.handle})
        if act == "end":
            group_end(user=user, handle=handle)
            return done(request, "groups", _("The group is gone."))
        if act in {"in", "out"}:
            group_member(user=user, handle=handle, username=username, on=act == "in")
            return done(request, "groups", _("Saved."))
    except ChatError as error:
        return failed(request, "groups", refusal_line(error))
    raise Http404
