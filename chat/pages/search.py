"""The search page, for browsers without scripts."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.access import Access
from chat.live import searching
from chat.live.hub import current_hub
from chat.models import Participant, Preferences
from chat.pages import threads
from chat.pages.i18n import refusal_line, too_fast_line
from chat.pages.no_script import STATUS
from chat.pages.panes import OCCUPANTS
from chat.pages.people import areader, opened
from chat.protocol import events
from chat.protocol.errors import ChatError, Code

# Characters of a message that are shown, and how many of them may precede its first match.
EXCERPT_CHARS = 300
BEFORE_MARK_CHARS = 80
QUERY_CHARS = 2_000
FILTERS = ("in", "from")
# The values of `has:` for the file list of a room.
SHARED = ("file", "image", "link")


@require_safe
@login_required
@never_cache
async def search(request: HttpRequest) -> HttpResponse:
    """Show the form and the results. `in` and `from` are separate filters beside `q`."""
    user = await areader(request)
    query = _query(request)
    found = events.Search(results=[], next=None)
    problem, status = "", 200
    if query:
        try:
            searching.pay(current_hub(), user)
            found = await searching.results(
                user,
                query,
                limit=None,
                after=request.GET.get("after"),
                zone="",
                public=False,
                request_id=None,
            )
        except ChatError as error:
            wait = error.retry_after or 0
            problem = too_fast_line(wait) if error.code == Code.RATE_LIMITED else refusal_line(error)
            status = STATUS.get(error.code, 422)
    return await threads.render(_render, request, user, query, found, problem, status)


def _query(request: HttpRequest) -> str:
    parts = [request.GET.get("q", "").strip()[:QUERY_CHARS]]
    parts += [f'{name}:"{value[:100]}"' for name in FILTERS if (value := request.GET.get(name, "").strip(' "'))]
    return " ".join(part for part in parts if part)


def _render(
    request: HttpRequest, user: Participant, query: str, found: events.Search, problem: str, status: int
) -> HttpResponse:
    preferences = Preferences.of(user)
    opened(request)
    context = {
        "query": query,
        "rows": [_row(result) for result in found.results],
        "warnings": found.warnings,
        "problem": problem,
        "more": urlencode({"q": query, "after": found.next}) if found.next else "",
        "preferences": preferences,
        "theme": preferences.theme,
        "clock": "g:i A" if preferences.clock == "12" else "H:i",
        "day_format": pgettext("a day, in the letters of Django's date filter", "l j F Y"),
    }
    return render(request, "chat/no_script/search.html", context, status=status)


def _row(result: events.SearchResult) -> dict[str, Any]:
    message = result.message
    return {
        "message": message,
        "title": result.title or result.room,
        "direct": result.room.startswith("dm-"),
        "at": datetime.fromisoformat(message.timestamp),
        "pieces": _pieces(message.message, result.marks),
        "address": f"{reverse('chat:room', args=[result.room])}?plain=1&before={message.seq + 1}#m{message.seq}",
    }


def _pieces(text: str, marks: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text around its first match, in pieces, each with whether it is marked."""
    first = marks[0][0] if marks else 0
    start = max(first - BEFORE_MARK_CHARS, 0) if first > EXCERPT_CHARS - BEFORE_MARK_CHARS else 0
    end = start + EXCERPT_CHARS
    pieces = [("…", False)] if start else []
    at = start
    for begin, stop in marks:
        if begin >= end:
            break
        pieces += [(text[at:begin], False), (text[begin : min(stop, end)], True)]
        at = stop
    pieces.append((text[at:end] + ("…" if len(text) > end else ""), False))
    return [piece for piece in pieces if piece[0]]


def _in_room(request: HttpRequest, access: Access) -> HttpResponse:
    """The page at `?search=words`, without scripts."""
    words = request.GET.get("search", "") or f"in:{access.room.slug}"
    return redirect(f"{reverse('chat:search')}?{urlencode({'q': words})}")


def _files(request: HttpRequest, access: Access) -> HttpResponse:
    """The page at `?files`, without scripts: the messages with files; at `?files=link`, those with links."""
    kind = request.GET["files"]
    has = kind if kind in SHARED else SHARED[0]
    return redirect(f"{reverse('chat:search')}?{urlencode({'q': f'in:{access.room.slug} has:{has}'})}")


OCCUPANTS["search"] = _in_room
OCCUPANTS["files"] = _files
