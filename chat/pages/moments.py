"""Times and days on the page of the chat as its scripts will write them: by the reader's clocks, in their language.

The scripts keep the reader's time zone in a cookie. On a visit without it times are left out of sight until the scripts
write them, so that a wrong one is never read.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

ZONE_COOKIE = "time_zone"
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")
# The kinds of English in which the clock has 24 hours.
_WITH_24_HOURS = re.compile(r"en-(?:GB|IE|BE|DK|FI|NL|SE|CH|DE|AT)", re.IGNORECASE)


def zone_of(request: HttpRequest) -> tzinfo | None:
    """The time zone that the scripts of an earlier visit have noted, or None."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    if len(name) > 64 or not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


class Moments:
    """How moments are written. `clock`: "12", "24" or "auto", as the person chose. `languages`: what their browser
    prefers, of the header Accept-Language."""

    def __init__(self, zone: tzinfo | None, *, clock: str, languages: str = "") -> None:
        self.known = zone is not None
        self._zone = zone or UTC
        self._today = datetime.now(self._zone).date()
        self._clock = "%I:%M %p" if clock == "12" or (clock == "auto" and _has_12_hours(languages)) else "%H:%M"

    def local(self, stamp: str) -> datetime:
        """The moment of a timestamp of the wire, by the reader's clocks."""
        return datetime.fromisoformat(stamp).astimezone(self._zone)

    def clock(self, at: datetime) -> str:
        """The time of day."""
        return f"{at:{self._clock}}"

    def day(self, day: date) -> str:
        """A day as the label above its messages."""
        if day == self._today:
            return _("Today")
        if day == self._today - timedelta(days=1):
            return _("Yesterday")
        if day.year == self._today.year:
            return date_format(day, pgettext("a day of this year, in the letters of Django's date filter", "l j F"))
        return date_format(day, pgettext("a day, in the letters of Django's date filter", "l j F Y"))


def _has_12_hours(languages: str) -> bool:
    if (get_language() or "en").partition("-")[0] != "en":
        return False
    first = next((one for one in languages.split(",") if one.strip().lower().startswith("en")), "en")
    return not _WITH_24_HOURS.match(first.strip())
