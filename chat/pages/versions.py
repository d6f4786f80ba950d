"""The page of a message's earlier texts, for browsers without scripts."""

import re
from collections.abc import Iterator
from datetime import datetime
from difflib import SequenceMatcher
from http import HTTPStatus
from time import perf_counter

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from chat.models import Preferences
from chat.pages.i18n import refusal_line
from chat.pages.no_script import STATUS, closed_door
from chat.pages.people import opened, reader
from chat.protocol import events
from chat.protocol.errors import ChatError, Code
from chat.services.versions import versions_of

_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
# Beyond this number of words, and this time for one page, texts are not compared: two texts of 400 repeated words take
# a second of a core, and a message may have twenty texts.
WORDS_MAX = 400
COMPARING_SECONDS = 0.3


@never_cache
@login_required
def versions(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    """Show the texts of a message, the newest first, with the changes between them."""
    user = reader(request)
    problem, status = "", HTTPStatus.OK
    found = events.Versions(room=slug, seq=seq, versions=[])
    try:
        found = versions_of(user=user, room=slug, seq=seq)
    except ChatError as error:
        if error.code != Code.FORBIDDEN:
            raise closed_door(error) from error
        problem, status = refusal_line(error), STATUS[error.code]
    except OverflowError:
        # The number is too large for SQLite.
        raise Http404 from None
    opened(request)
    preferences = Preferences.of(user)
    before = [None, *found.versions]
    until = perf_counter() + COMPARING_SECONDS
    context = {
        "slug": slug,
        "seq": seq,
        "rows": [
            {
                "number": number,
                "at": datetime.fromisoformat(version.timestamp),
                "parts": list(_changes(old.message, version.message, until)) if old else [("equal", version.message)],
            }
            for number, (old, version) in enumerate(zip(before, found.versions, strict=False), 1)
        ][::-1],
        "total": len(found.versions),
        "more": found.more,
        "problem": problem,
        "preferences": preferences,
        "theme": preferences.theme,
        "clock": "g:i A" if preferences.clock == "12" else "H:i",
        "day_format": pgettext("a day, in the letters of Django's date filter", "l j F Y"),
    }
    return render(request, "chat/no_script/versions.html", context, status=status)


def _changes(before: str, after: str, until: float) -> Iterator[tuple[str, str]]:
    """The parts of the comparison in order, each `equal`, `delete` or `insert` with its text. After `until` it does not
    compare."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > WORDS_MAX or perf_counter() > until:
        yield "delete", before
        yield "insert", after
        return
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "equal", "".join(old[i1:i2])
            continue
        if i2 > i1:
            yield "delete", "".join(old[i1:i2])
        if j2 > j1:
            yield "insert", "".join(new[j1:j2])
