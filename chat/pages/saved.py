"""The page of saved messages, and the form to save, for browsers without scripts."""

import asyncio
import re
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from chat.access import Access
from chat.live import db
from chat.live.hub import current_hub
from chat.models import SLUG_PATTERN, Attention, Participant, Preferences
from chat.pages import threads
from chat.pages.i18n import refusal_line, too_fast_line
from chat.pages.no_script import STATUS, address_of, form_address, number_of
from chat.pages.panes import OCCUPANTS
from chat.pages.people import areader, opened
from chat.protocol.errors import ChatError, Code
from chat.protocol.fields import local_moment
from chat.queries.saved import saved_of
from chat.services.saved import message_save, message_unsave


@form_address
@never_cache
@login_required
async def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Save a message by form (`seq`, and `act`: `save`, `done`, `open`, `remind` with `at`, `forget` or `end`)."""
    seq = number_of(request.POST.get("seq"))
    if request.method != "POST" or seq is None:
        return redirect(address_of(slug))
    user, act = await areader(request), request.POST.get("act", "save")
    try:
        if wait := current_hub().send_limit.take(user.pk, asyncio.get_running_loop().time()):
            raise ChatError(Code.RATE_LIMITED, too_fast_line(wait))
        await db.run(_act, user, slug, seq, str(act), str(request.POST.get("at", "")))
    except ChatError as error:
        problem = error.message if error.code == Code.RATE_LIMITED else refusal_line(error)
        status = STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        return await threads.render(_page, request, user, slug, problem, status)
    if act == "save":
        return redirect(address_of(slug, f"m{seq}"))
    # The person may have left the message's room: go back to the room where the list was opened.
    back = request.POST.get("back", "")
    return redirect(address_of(back if re.fullmatch(SLUG_PATTERN, back, re.ASCII) else slug, "").rstrip("#") + "&saved")


def _act(user: Participant, slug: str, seq: int, act: str, at: str) -> None:
    place: dict[str, Any] = {"user": user, "room": slug, "seq": seq}
    match act:
        case "end":
            message_unsave(**place)
        case "remind":
            try:
                local_moment(at)
            except ValueError:
                problem = "must be a date and a time"
                raise ChatError(Code.INVALID, f"remind_at: {problem}.", fields={"remind_at": problem}) from None
            zone = Attention.objects.filter(user=user).values_list("zone", flat=True).first()
            message_save(**place, remind_at=at, tz=zone or "UTC")
        case "forget":
            message_save(**place, remind_at=None)
        case _:
            message_save(**place, done=act == "done")


def _page(
    request: HttpRequest, user: Participant, slug: str, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    opened(request)
    preferences = Preferences.of(user)
    done = "done" in request.GET
    found = saved_of(user, done=done, before=number_of(request.GET.get("before")))
    context = {
        "slug": slug,
        "rows": [
            {
                "item": item,
                "at": datetime.fromisoformat(item.message.timestamp) if item.message else None,
                "remind_at": datetime.fromisoformat(item.remind_at) if item.remind_at else None,
            }
            for item in found.saved
        ],
        "next": found.next,
        "done": done,
        "problem": problem,
        "preferences": preferences,
        "theme": preferences.theme,
        "clock": "g:i A" if preferences.clock == "12" else "H:i",
        "day_format": pgettext("a day, in the letters of Django's date filter", "l j F Y"),
    }
    return render(request, "chat/no_script/saved.html", context, status=status)


def _occupant(request: HttpRequest, access: Access) -> HttpResponse:
    return _page(request, access.user, access.room.slug)


OCCUPANTS["saved"] = _occupant
