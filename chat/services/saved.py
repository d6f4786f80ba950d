"""Saving messages for oneself. Publishes nothing to other people, and takes no numbers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from chat.access import access_message, access_room
from chat.models import Message, Participant, SavedMessage
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.saved import saved_event
from chat.rules import Action
from chat.services.publishing import pushes_want, tell_person

# People do not work through a longer list. The error message contains this number, too.
SAVED_MAX = 1000
REMIND_MAX = timedelta(days=5 * 366)
_UNSET = object()


@transaction.atomic
def message_save(
    *,
    user: Participant,
    room: str,
    seq: int,
    done: bool | None = None,
    remind_at: object = _UNSET,
    tz: str = "",
    socket: str = "",
) -> SavedMessage:
    """Save a message, or change its saved state: done or to do, and when to remind the person (ISO 8601; without an
    offset in the time zone `tz`; None: no reminder).

    Raises:
        ChatError: `not_found` (also deleted, cleared, a system line), `invalid`, `conflict` with SAVED_MAX.
    """
    access = access_room(user=user, slug=room)
    message = access_message(access=access, seq=seq, action=Action.READ)
    if message.deleted_at or message.kind == Message.Kind.SYSTEM:
        raise not_found("message")
    message.room = access.room
    # Two sockets of one person save at once: the second one finds the row of the first.
    saved = SavedMessage.objects.select_for_update().filter(user=user, message=message).first()
    if saved is None:
        if SavedMessage.objects.filter(user=user).count() >= SAVED_MAX:
            raise ChatError(Code.CONFLICT, "You have saved 1,000 messages. Remove some first.")
        saved, _ = SavedMessage.objects.get_or_create(user=user, message=message)
        saved.refresh_from_db()
    saved.message = message
    now = timezone.now()
    if done is not None:
        saved.done_at = (saved.done_at or now) if done else None
        saved.remind_at = None if done else saved.remind_at
    if remind_at is not _UNSET:
        saved.remind_at = None if remind_at is None else _moment(str(remind_at), tz, now)
        if saved.remind_at:
            saved.done_at = None
            pushes_want()
    saved.save()
    tell_person(user.pk, saved_event(saved), but=socket)
    return saved


@transaction.atomic
def message_unsave(*, user: Participant, room: str, seq: int, socket: str = "") -> None:
    """Remove the saved message, even if the person can no longer read it. Repeating it changes nothing."""
    saved = SavedMessage.objects.filter(user=user, message__room__slug=room, message__seq=seq)
    row = saved.select_related("message__room").first()
    if row:
        row.delete()
        row.done_at = row.remind_at = None
        tell_person(user.pk, saved_event(row, on=False), but=socket)


def _moment(text: str, tz: str, now: datetime) -> datetime:
    """The moment of a reminder.

    Raises:
        ChatError: `invalid` for a time that is past, too far away, or skipped by the zone's clocks.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = _in_zone(at, tz)
    if not now < at <= now + REMIND_MAX:
        raise _invalid("remind_at", "must be a time to come, within five years")
    return at


def _in_zone(local: datetime, tz: str) -> datetime:
    try:
        zone = ZoneInfo(tz)
    except (ValueError, OSError, KeyError):
        raise _invalid("tz", "is no time zone that is known here") from None
    # If the time occurs twice, the first one.
    at = local.replace(tzinfo=zone)
    if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise _invalid("remind_at", "does not exist in that time zone: the clocks are put forward then")
    # In UTC: Python never treats a time that occurs twice in its zone as equal to one in another zone.
    return at.astimezone(UTC)


def _invalid(field: str, problem: str) -> ChatError:
    return ChatError(Code.INVALID, f"{field}: {problem}.", fields={field: problem})
