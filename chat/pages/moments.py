"""Times and days on the chat page as its scripts will write them: in the reader's time zone and language.

The scripts store the reader's time zone in a cookie. On a visit without it, times stay invisible until the scripts
write them, so that no one reads a wrong time.
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
# The variants of English that use a 24-hour clock.
_WITH_24_HOURS = re.compile(r"en-(?:GB|IE|BE|DK|FI|NL|SE|CH|DE|AT)", re.IGNORECASE)


def zone_of(request: HttpRequest) -> tzinfo | None:
    """Return the time zone that the scripts stored on an earlier visit, or None."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    if len(name) > 64 or not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


class Moments:
    """Formats times. `clock`: "12", "24" or "auto", as the person chose. `languages`: the browser's preferences, from
    the header Accept-Language."""

    def __init__(self, zone: tzinfo | None, *, clock: str, languages: str = "") -> None:
        self.known = zone is not None
        self._zone = zone or UTC
        self._today = datetime.now(self._zone).date()
        self._clock = "%I:%M %p" if clock == "12" or (clock == "auto" and _has_12_hours(languages)) else "%H:%M"

    def local(self, stamp: str) -> datetime:
        """Convert a timestamp of the protocol to the reader's time zone."""
        return datetime.fromisoformat(stamp).astimezone(self._zone)

    def clock(self, at: datetime) -> str:
        """Format the time of day."""
        return f"{at:{self._clock}}"

    def day(self, day: date) -> str:
        """Format a day as the label above its messages."""
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
