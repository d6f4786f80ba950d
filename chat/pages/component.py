"""The conversation of one room inside a page of another project: a list and a form, which work without scripts.

The script of `<backchannel-room>` fetches changes from `rows` and posts over its socket. Nothing here is asynchronous,
so that it also works in a WSGI process.
"""

import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chat.access import Access, access_room
from chat.identity import throttle
from chat.models import Room
from chat.pages.i18n import problem_line, refusal_line, too_fast_line
from chat.pages.links import links
from chat.pages.no_script import STATUS, rows_of
from chat.pages.people import reader
from chat.protocol.errors import ChatError, Code
from chat.protocol.fields import LARGEST_NUMBER, visible
from chat.queries.history import history_page
from chat.rules import Action, refusal
from chat.services.posting import Draft, messages_post

# Messages in the first page of the component, and the maximum in one response.
ROWS = 50
TEXT_MAX = 64


def facts(request: HttpRequest, room: Room) -> dict[str, Any]:
    """Return the context of the component's template; `closed` instead of messages for users who may not read them."""
    if not request.user.is_authenticated:
        return {"room": room, "closed": _("Sign in to read this conversation."), "sign_in": links()["sign_in"]}
    try:
        access = access_room(user=reader(request), slug=room.slug)
    except ChatError:
        return {"room": room, "closed": _("You are not part of this conversation.")}
    return {
        "room": access.room,
        "me": access.user,
        "rows": rows_of(history_page(access.room, limit=ROWS).messages, set()),
        "shut": _shut(access),
        "client_id": str(uuid.uuid4()),
        "max_chars": settings.CHAT_MESSAGE_MAX_CHARS,
        "back": request.get_full_path(),
    }


@require_safe
@never_cache
def rows(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the messages from `?from=` on as items of the component's list; 403 with a sentence without access."""
    if not request.user.is_authenticated:
        return HttpResponse(_("Sign in to read this conversation."), status=403)
    try:
        access = access_room(user=reader(request), slug=slug)
    except ChatError as error:
        return HttpResponse(refusal_line(error), status=403)
    asked = request.GET.get("from", "")
    after = min(int(asked), LARGEST_NUMBER) - 1 if asked.isascii() and asked.isdigit() and len(asked) <= 16 else None
    found = history_page(access.room, limit=ROWS, after=after).messages
    return render(request, "chat/component/rows.html", {"rows": rows_of(found, set()), "me": access.user})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def post(request: HttpRequest, slug: str) -> HttpResponse:
    """Post the component's form, and redirect back to its page. A refused message is shown with its text, to be sent
    again."""
    back = str(request.POST.get("next", ""))
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    if request.method != "POST":
        return HttpResponseRedirect(back)  # A redirect after signing in again.
    user, text = reader(request), str(request.POST.get("message", "")).replace("\r\n", "\n")
    sentence, status = "", HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        visible(text)
        if wait := throttle.check("api", person=str(user.pk)):
            raise ChatError(Code.RATE_LIMITED, too_fast_line(wait))
        client_id = str(request.POST.get("client_id", ""))[:TEXT_MAX].replace("\x00", "") or None
        [posted] = messages_post([Draft(user, slug, text, client_id)])
        if isinstance(posted, ChatError):
            raise posted
    except ValueError as problem:
        sentence = problem_line(str(problem))
    except ChatError as error:
        if error.code == Code.NOT_FOUND:
            raise Http404 from error
        sentence, status = refusal_line(error), STATUS.get(error.code, status)
    else:
        return HttpResponseRedirect(f"{back}#chat-{slug}")
    context = {"room": slug, "sentence": sentence, "text": text, "back": back, "client_id": str(uuid.uuid4())}
    return render(request, "chat/component/refused.html", context, status=status)


def _shut(access: Access) -> str:
    """Why this person may read but not write, or ""."""
    closed = refusal(Action.POST, access.actor, now=timezone.now())
    return refusal_line(closed) if closed else ""
