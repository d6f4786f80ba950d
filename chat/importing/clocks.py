"""Converts the times in exports to UTC with microseconds."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d*))?\s*(Z|[+-]\d\d:?\d\d)?\Z", re.IGNORECASE)
_SECONDS = re.compile(r"(\d{1,11})\.(\d{6})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_seconds(value: object) -> datetime | None:
    """A time in seconds since 1970: text such as Slack's `1704110400.000100`, an integer or a float."""
    try:
        if isinstance(value, str) and (plain := _SECONDS.fullmatch(value)):
            return _EPOCH + timedelta(seconds=int(plain[1]), microseconds=int(plain[2]))
        # Floats are exact to a microsecond until the year 2242.
        micros = int((Decimal(str(value)) * 1_000_000).to_integral_value())
        return _EPOCH + timedelta(microseconds=micros)
    except (InvalidOperation, ValueError, OverflowError):
        return None


def of_millis(value: object) -> datetime | None:
    """A time in milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return None


def of_iso(text: object) -> datetime | None:
    """A time in ISO 8601 with an offset and any number of digits after the second; without an offset it is UTC."""
    match = _ISO.match(text) if isinstance(text, str) else None
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=_zone(offset))
        at += timedelta(microseconds=int(((fraction or "") + "000000")[:6]))
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(offset: str | None) -> timezone:
    if not offset or offset in "Zz":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])))


class LocalClock:
    """Converts the local times of one file, in file order, to UTC.

    When clocks go back, one hour occurs twice. A time counts as the first occurrence, unless it would then precede the
    line above: times that go back by an hour inside a file show the second.
    """

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._last: datetime | None = None

    def utc(self, local: datetime) -> datetime:
        """The UTC time of a local time without zone."""
        first = local.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
        second = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        if first < second and self._last and first < self._last <= second + timedelta(hours=1):
            first = second
        self._last = first
        return first
