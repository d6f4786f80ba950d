"""Mentions and reactions, and scheduled messages, as pages for browsers without scripts."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from chat.access import Access
from chat.live import db
from chat.live.hub import current_hub
from chat.models import Participant, Preferences
from chat.pages import threads
from chat.pages.i18n import refusal_line
from chat.pages.no_script import STATUS, form_address
from chat.pages.panes import OCCUPANTS
from chat.pages.people import areader, opened
from chat.protocol import events
from chat.protocol.commands import InboxKind
from chat.protocol.errors import ChatError
from chat.queries.inbox import inbox
from chat.queries.scheduled import scheduled_of
from chat.services import scheduling


def _inbox(request: HttpRequest, access: Access) -> HttpResponse:
    """The page at `?inbox`, without scripts; `?inbox=reactions` is the other tab."""
    kind: InboxKind = "reactions" if request.GET.get("inbox") == "reactions" else "mentions"
    before = request.GET.get("before", "")
    found = inbox(access.user, kind=kind, before=int(before) if before.isdecimal() and len(before) < 16 else None)
    opened(request)
    context = _frame(access.user) | {
        "room": access.room,
        "kind": kind,
        "rows": [_row(item) for item in found.items],
        "older": found.items[-1].id if found.has_older and found.items else None,
    }
    return render(request, "chat/no_script/inbox.html", context)


def _row(item: events.InboxItem) -> dict[str, Any]:
    room, seq = item.message.room, item.message.seq
    return {
        "item": item,
        "message": item.message,
        "title": item.title or room,
        "at": datetime.fromisoformat(item.message.timestamp),
        "address": f"{reverse('chat:room', args=[room])}?plain=1&before={seq + 1}#m{seq}",
    }


def _scheduled(request: HttpRequest, access: Access) -> HttpResponse:
    """The page at `?scheduled`, without scripts."""
    opened(request)
    return _render_scheduled(request, access.user, access.room.slug, "", 200)


def _render_scheduled(request: HttpRequest, user: Participant, slug: str, problem: str, status: int) -> HttpResponse:
    rows = [
        {"item": item, "at": datetime.fromisoformat(item.due).astimezone(ZoneInfo(item.zone))}
        for item in scheduled_of(user).schedules
    ]
    context = _frame(user) | {"slug": slug, "rows": rows, "problem": problem}
    return render(request, "chat/no_script/scheduled.html", context, status=status)


@form_address
@never_cache
@login_required
async def scheduled(request: HttpRequest, slug: str, schedule: int) -> HttpResponse:
    """Send a scheduled message now, or delete it, by form."""
    address = f"{reverse('chat:room', args=[slug])}?plain=1&scheduled"
    if request.method != "POST":
        return redirect(address)
    user = await areader(request)
    try:
        if request.POST.get("act") == "send":
            await current_hub().scheduled.send(schedule, user=user)
        else:
            await db.run(scheduling.schedule_cancel, user=user, schedule=schedule)
    except ChatError as error:
        status = int(STATUS.get(error.code, 422))
        return await threads.render(_render_scheduled, request, user, slug, refusal_line(error), status)
    return redirect(address)


def _frame(user: Participant) -> dict[str, Any]:
    preferences = Preferences.of(user)
    return {
        "preferences": preferences,
        "theme": preferences.theme,
        "clock": "g:i A" if preferences.clock == "12" else "H:i",
        "day_format": pgettext("a day, in the letters of Django's date filter", "l j F Y"),
    }


OCCUPANTS["inbox"] = _inbox
OCCUPANTS["scheduled"] = _scheduled
