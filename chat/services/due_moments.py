"""Future moments that people choose as local time in a time zone. Pure, apart from the system's zone database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chat.protocol.errors import ChatError, Code

# How far ahead a message can be scheduled.
AHEAD_MAX = timedelta(days=366)


def due_moment(local: str, zone: str, fold: int | None, *, now: datetime) -> datetime:
    """The moment at which clocks in `zone` show `local` (ISO 8601 without an offset). `fold`: which of two such
    moments, 0 for the first and 1 for the second.

    Raises:
        ChatError: `invalid`, with the field: the zone is unknown, the clocks never show that time or show it twice
            and `fold` is None, or the moment is past or further ahead than AHEAD_MAX.
    """
    clock, place = datetime.fromisoformat(local), _zone(zone)
    first, second = (clock.replace(tzinfo=place, fold=which) for which in (0, 1))
    shown = f"{clock:%Y-%m-%d %H:%M}"
    if first.astimezone(UTC).astimezone(place).replace(tzinfo=None) != clock:
        raise _invalid(
            "at",
            "does not exist in this time zone",
            f"{shown} does not exist in {zone}, because the clocks go forward over it. Choose another time.",
        )
    if fold is None and first.utcoffset() != second.utcoffset():
        raise _invalid(
            "fold",
            "is required, because the time comes twice",
            f"{shown} comes twice in {zone}, because the clocks go back. Choose the first (fold 0) or the second (1).",
        )
    due = (second if fold else first).astimezone(UTC)
    if due <= now:
        raise _invalid("at", "must be a time to come", f"{shown} in {zone} is over. Choose a time to come.")
    if due > now + AHEAD_MAX:
        raise _invalid("at", "must be within a year", "A message can be scheduled up to a year ahead.")
    return due


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise _invalid("zone", "is not a known time zone", f"{name[:64]} is not a known time zone.") from None


def _invalid(field: str, problem: str, sentence: str) -> ChatError:
    return ChatError(Code.INVALID, sentence, fields={field: problem})
