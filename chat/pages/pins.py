"""The page of pinned messages, and the form to pin, for browsers without scripts."""

import asyncio
from datetime import datetime
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from chat.access import Access, access_room
from chat.live import db
from chat.live.hub import current_hub
from chat.models import Participant, Preferences
from chat.pages import threads
from chat.pages.i18n import refusal_line, too_fast_line
from chat.pages.no_script import STATUS, address_of, closed_door, form_address, number_of
from chat.pages.panes import OCCUPANTS
from chat.pages.people import areader, opened
from chat.protocol.errors import ChatError, Code
from chat.queries.pins import pinned_messages
from chat.rules import Action
from chat.services.pins import message_pin


@form_address
@never_cache
@login_required
async def pin(request: HttpRequest, slug: str) -> HttpResponse:
    """Pin or unpin a message of the room by form: `seq`, and `on` to pin."""
    seq = number_of(request.POST.get("seq"))
    if request.method != "POST" or seq is None:
        return redirect(address_of(slug))
    user, on = await areader(request), "on" in request.POST
    try:
        if wait := current_hub().send_limit.take(user.pk, asyncio.get_running_loop().time()):
            raise ChatError(Code.RATE_LIMITED, too_fast_line(wait))
        await db.run(message_pin, user=user, room=slug, seq=seq, on=on)
    except ChatError as error:
        return await threads.render(_refused, request, user, slug, error)
    return redirect(address_of(slug, f"m{seq}"))


def _refused(request: HttpRequest, user: Participant, slug: str, error: ChatError) -> HttpResponse:
    try:
        access = access_room(user=user, slug=slug)
    except ChatError as closed:
        raise closed_door(closed) from closed
    problem = error.message if error.code == Code.RATE_LIMITED else refusal_line(error)
    return _page(request, access, problem, STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY))


def _page(request: HttpRequest, access: Access, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    opened(request)
    preferences = Preferences.of(access.user)
    messages = pinned_messages(access.room)
    context = {
        "room": access.room,
        "rows": [{"message": message, "at": datetime.fromisoformat(message.timestamp)} for message in messages],
        "may_pin": access.may(Action.PIN),
        "problem": problem,
        "preferences": preferences,
        "theme": preferences.theme,
        "clock": "g:i A" if preferences.clock == "12" else "H:i",
        "day_format": pgettext("a day, in the letters of Django's date filter", "l j F Y"),
    }
    return render(request, "chat/no_script/pinned.html", context, status=status)


OCCUPANTS["pinned"] = _page
