"""How a person without a photo is displayed; the browser has the same in chat/static/chat/js/text/people.js."""

import re
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy

from chat.importing.formats import chat_name
from chat.lib import oneline

register = template.Library()

register.filter("isolated", oneline.isolated)
register.filter("chat_name", chat_name)

HUES = 24
# Grammatical case of "ago": in German "2 Tage" pass, and something was "vor 2 Tagen".
_AGO: dict[str, Any] = {
    "year": npgettext_lazy("ago", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("ago", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("ago", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("ago", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("ago", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("ago", "%(num)d minute", "%(num)d minutes", "num"),
}


@register.filter
def hue(user_id: int) -> int:
    """The colour of a person in degrees, by the id of the account: two dozen consecutive accounts have different
    ones."""
    return user_id % HUES + 1


@register.filter
def initials(name: str) -> str:
    """One or two letters of a name."""
    words = [word for word in re.split(r"[\s._-]+", name.strip()) if word]
    letters = words[0][0] + words[-1][0] if len(words) > 1 else (words[0] if words else "?")[:2]
    return letters.upper()


@register.filter
def maybe_signed_in(request: HttpRequest | None) -> bool:
    """Whether the browser has, or had, a session: for pages that must not query the database.

    The user that a view has already read takes precedence.
    """
    if request is None:
        return False
    known = getattr(request, "_cached_user", None)
    return known.is_authenticated if known is not None else settings.SESSION_COOKIE_NAME in request.COOKIES


@register.filter
def chat_path(path: str) -> str:
    """The address of a path of the chat, as the wire names it: `/files/…`."""
    return reverse("chat:home") + path.removeprefix("/")


@register.filter
def iso(moment: datetime) -> str:
    """The value of `datetime`, where HTML allows three digits of a second."""
    return moment.isoformat(timespec="milliseconds")


@register.filter
def ago(moment: datetime) -> str:
    """The time since then in its largest unit: `2 hours ago`."""
    said = timesince(moment, depth=1, time_strings=_AGO)
    return _("just now") if said.startswith("0") else _("%(time)s ago") % {"time": said}
