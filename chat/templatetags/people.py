"""Template filters for people, addresses and times."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy

from chat.importing.formats import chat_name
from chat.lib import oneline
from chat.pages import faces

register = template.Library()

register.filter("isolated", oneline.isolated)
register.filter("chat_name", chat_name)
register.filter("hue", faces.hue)
register.filter("initials", faces.initials)
register.filter("chat_path", faces.chat_path)
register.filter("iso", faces.iso)

# Strings in the grammatical case of "ago": in German it is "2 Tage", but "vor 2 Tagen".
_AGO: dict[str, Any] = {
    "year": npgettext_lazy("ago", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("ago", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("ago", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("ago", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("ago", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("ago", "%(num)d minute", "%(num)d minutes", "num"),
}


@register.filter
def maybe_signed_in(request: HttpRequest | None) -> bool:
    """Whether the browser has, or had, a session: for pages that must not query the database.

    If a view has already read the user, that counts.
    """
    if request is None:
        return False
    known = getattr(request, "_cached_user", None)
    return known.is_authenticated if known is not None else settings.SESSION_COOKIE_NAME in request.COOKIES


@register.filter
def ago(moment: datetime) -> str:
    """Return the time since `moment` in its largest unit: `2 hours ago`."""
    said = timesince(moment, depth=1, time_strings=_AGO)
    return _("just now") if said.startswith("0") else _("%(time)s ago") % {"time": said}
