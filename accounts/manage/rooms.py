"""The rooms of the server, except direct and group conversations."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import ROWS, administrators, done, failed, page, place, typed
from accounts.models import User
from chat.models import CONVERSATIONS, Membership, Report, Room
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError
from chat.services.room_deletion import room_delete, room_keep
from chat.services.rooms import room_update


@administrators
def rooms(request: HttpRequest, user: User) -> HttpResponse:
    """GET: the list, with four queries. POST: archive a room, restore it, or delete it after a week."""
    if request.method == "POST":
        return _change(request, user)
    wanted = typed(request.GET, "q", 100)
    found = Room.objects.exclude(kind__in=CONVERSATIONS)
    if wanted:
        found = found.filter(Q(slug__icontains=wanted) | Q(title__icontains=wanted))
    start = place(request)
    rows = list(found.order_by("archived", "slug")[start : start + ROWS + 1])
    following = urlencode({"q": wanted, "from": start + ROWS}) if len(rows) > ROWS else ""
    _count(rows[:ROWS])
    return page(request, "rooms", wanted=wanted, rows=rows[:ROWS], total=found.count(), following=following)


def _count(rows: list[Room]) -> None:
    """Set the counts of a page's rooms: `people`, `open_reports`. Two queries: joined in one, each member would be read
    once per report."""
    members = Membership.objects.filter(room__in=rows, user__is_active=True).values_list("room").annotate(Count("pk"))
    reports = Report.objects.filter(room__in=rows, outcome="").values_list("room").annotate(Count("pk"))
    people, open_reports = dict(members), dict(reports)
    for row in rows:
        row.people, row.open_reports = people.get(row.pk, 0), open_reports.get(row.pk, 0)  # type: ignore[attr-defined]


def _change(request: HttpRequest, user: User) -> HttpResponse:
    query = urlencode({"q": request.POST.get("q", "")[:100]})
    room = Room.objects.exclude(kind__in=CONVERSATIONS).filter(slug=typed(request.POST, "room", 100)).first()
    if room is None:
        raise Http404
    facts: dict[str, Any] = {"user": user.participant, "room": room.slug}
    try:
        match request.POST.get("act"):
            case "archive":
                room_update(**facts, archived=True, via_admin=True)
                sentence = _("#%(room)s is archived.")
            case "restore":
                room_update(**facts, archived=False, via_admin=True)
                sentence = _("#%(room)s is back.")
            case "delete":
                room_delete(**facts, name=typed(request.POST, "name", 100))
                sentence = _("#%(room)s is deleted in a week. Until then you can keep it.")
            case "keep":
                room_keep(**facts)
                sentence = _("#%(room)s is kept.")
            case _:
                raise Http404
    except ChatError as error:
        return failed(request, "rooms", refusal_line(error), query=query)
    return done(request, "rooms", sentence % {"room": room.title or room.slug}, query=query)
