"""Scheduled messages: created, changed, cancelled, and sent when they are due.

A message is posted like any other, with its row's `client_id`, and the row is deleted after the commit. If the process
is killed in between, the next one posts no duplicate and deletes the row. A message that cannot be posted stays.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length
from django.utils import timezone

from chat.access import access_room
from chat.lib.prepared_queries import PreparedRows, moments
from chat.models import File, Participant, ScheduledMessage
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.scheduled import scheduled_event
from chat.rules import Action, refusal
from chat.services.due_moments import due_moment
from chat.services.file_taking import files_locked, files_problem, invalid_files
from chat.services.posting import Draft, text_problem
from chat.services.publishing import tell_person
from chat.services.thread_roots import root_problem, roots_found

# Limits per person: scheduled messages, and characters of all of them together.
SCHEDULED_MAX = 50
CHARS_MAX = 200_000
# A message that is overdue by more than this, because no server ran, is not sent.
LATE_MAX = timedelta(hours=24)
# Files are kept this long after the message's time, in case posting is refused.
FILES_STAY = timedelta(days=30)
# Refusals that end by themselves, so they do not prevent scheduling.
_PASSING = (Code.MUTED, Code.RATE_LIMITED)

State = ScheduledMessage.State


@transaction.atomic
def schedule_make(
    *,
    user: Participant,
    room: str,
    text: str,
    at: str,
    zone: str,
    fold: int | None = None,
    reply_to: int | None = None,
    thread: int | None = None,
    in_room: bool = True,
    files: tuple[str, ...] = (),
    socket: str = "",
) -> events.Scheduled:
    """Schedule a message for the time at which clocks in `zone` show `at`; see `due_moment`. With `thread` (the `seq`
    of the root or of a reply) it replies in that thread, and `in_room` decides whether the room shows it, too.

    Raises:
        ChatError: `not_found`, `forbidden` (also: too many), `banned`, `invalid` (the time, the text, the files,
            the thread).
    """
    now = timezone.now()
    access = access_room(user=user, slug=room)
    problem = refusal(Action.POST, access.actor, now=now)
    if problem and problem.code not in _PASSING:
        raise problem
    due = due_moment(at, zone, fold, now=now)
    _check_text(text)
    if reply_to and not access.room.cleared_before_seq <= reply_to <= access.room.last_seq:
        raise not_found("message")
    root = roots_found({(access.room.pk, thread)}).get((access.room.pk, thread)) if thread else None
    if thread and (problem := root_problem(root, access.room)):
        raise problem
    _check_place(user, text)
    if ScheduledMessage.objects.filter(user=user).count() >= SCHEDULED_MAX:
        raise ChatError(Code.FORBIDDEN, f"You have {SCHEDULED_MAX} scheduled messages, as many as one person may.")
    _reserve(user, files, due)
    row = ScheduledMessage.objects.create(
        user=user,
        room=access.room,
        text=text,
        reply_to=reply_to,
        thread=root.seq if root else None,
        in_room=in_room or root is None,
        files=list(files),
        local=at,
        zone=zone,
        fold=fold or 0,
        due_at=due,
    )
    return _told(row, socket)


@transaction.atomic
def schedule_change(*, user: Participant, schedule: int, socket: str = "", **wanted: Any) -> events.Scheduled:
    """Change the given ones of `text`, `at`, `zone` and `fold`; a refused message waits again.

    Raises:
        ChatError: `not_found`, `invalid`, `forbidden` (too long with the others), `conflict` while it is being sent.
    """
    row = _mine(user, schedule)
    if "text" in wanted:
        _check_text(wanted["text"])
        if len(wanted["text"]) > len(row.text):
            _check_place(user, wanted["text"], instead_of=row.pk)
        if not (wanted["text"].strip() or row.files):
            raise ChatError(Code.INVALID, "The message is empty.", fields={"message": "must not be empty"})
        row.text = wanted["text"]
    moved = {"at", "zone", "fold"} & wanted.keys()
    at, zone = wanted.get("at") or row.local, wanted.get("zone") or row.zone
    row.due_at = due_moment(at, zone, wanted.get("fold", None if moved else row.fold), now=timezone.now())
    row.local, row.zone, row.fold = at, zone, (wanted.get("fold") or 0) if moved else row.fold
    row.state, row.code, row.problem = State.WAITING, "", ""
    row.save()
    File.objects.filter(key__in=row.files).update(waits_until=row.due_at + FILES_STAY)
    return _told(row, socket)


@transaction.atomic
def schedule_cancel(*, user: Participant, schedule: int, socket: str = "") -> None:
    """Delete a scheduled message. Its files are swept like those that no message took.

    Raises:
        ChatError: `not_found`, `conflict` while it is being sent.
    """
    row = _mine(user, schedule)
    event = scheduled_event(row, state="cancelled")
    File.objects.filter(key__in=row.files).update(waits_until=None)
    row.delete()
    tell_person(user.pk, event, but=socket)


def schedules_pending(within: float = 0.0) -> list[int]:
    """The ids of messages that are due now or `within` this many seconds, earliest first. Uses an index."""
    return [pk for (pk,) in _PENDING.all(timezone.now() + timedelta(seconds=within))]


_PENDING = PreparedRows(
    lambda due: (
        ScheduledMessage.objects.filter(state__in=["waiting", "sending"], due_at__lte=due)
        .order_by("due_at")
        .values_list("pk")[:100]
    ),
    moments(0),
)


def schedules_soon() -> bool:
    """Whether a message is due within the next minute."""
    return bool(schedules_pending(60.0))


@transaction.atomic
def schedule_begin(schedule: int, *, user: Participant | None = None, socket: str = "") -> Draft | None:
    """Mark a message as being sent, and return the draft to post; None if there is nothing to send. `user`: the person
    who sends it now, early or again.

    Raises:
        ChatError: `not_found`, if this person has no such message.
    """
    rows = ScheduledMessage.objects.select_for_update(of=("self",), no_key=True).select_related("user", "room")
    row = rows.filter(pk=schedule, **({"user": user} if user else {})).first()
    if row is None:
        if user:
            raise not_found("scheduled message")
        return None
    if user is None and row.state == State.REFUSED:
        return None
    if row.room is None and user:
        raise not_found("room")
    if row.room is None:
        _refuse(row, not_found("room"))
        return None
    if user is None and row.state == State.WAITING and timezone.now() - row.due_at > LATE_MAX:
        _refuse(row, ChatError(Code.UNAVAILABLE, "The server did not run at that time."))
        return None
    ScheduledMessage.objects.filter(pk=row.pk).update(state=State.SENDING)
    draft = Draft(row.user, row.room.slug, row.text, row.client_id, row.reply_to, socket, tuple(row.files))
    return draft._replace(ends_draft=False, thread=row.thread, in_room=row.in_room)


@transaction.atomic
def schedule_end(schedule: int, *, seq: int, socket: str = "") -> None:
    """Delete the row of a message that was posted as `seq`."""
    row = ScheduledMessage.objects.select_related("room").filter(pk=schedule).first()
    # Another process may have deleted it first.
    if row:
        event = scheduled_event(row, state="sent", seq=seq)
        row.delete()
        tell_person(row.user_id, event, but=socket)


@transaction.atomic
def schedule_refuse(schedule: int, problem: ChatError) -> None:
    """Keep a message that could not be posted, with the reason, and send that to the person's sockets."""
    rows = ScheduledMessage.objects.select_for_update(of=("self",), no_key=True).select_related("room")
    if row := rows.filter(pk=schedule).first():
        _refuse(row, problem)


def _refuse(row: ScheduledMessage, problem: ChatError) -> None:
    row.state, row.code, row.problem = State.REFUSED, problem.code.value, problem.message[:300]
    row.save(update_fields=["state", "code", "problem"])
    tell_person(row.user_id, scheduled_event(row))


def _mine(user: Participant, schedule: int) -> ScheduledMessage:
    rows = ScheduledMessage.objects.select_for_update(of=("self",), no_key=True).select_related("room")
    row = rows.filter(pk=schedule, user=user).first()
    if row is None:
        raise not_found("scheduled message")
    if row.state == State.SENDING:
        raise ChatError(Code.CONFLICT, "This message is being sent now.")
    return row


def _told(row: ScheduledMessage, socket: str) -> events.Scheduled:
    event = scheduled_event(row)
    tell_person(row.user_id, event, but=socket)
    return event


def _check_place(user: Participant, text: str, *, instead_of: int = 0) -> None:
    """Check the text's length together with the person's other scheduled messages."""
    # Locked, so that requests from two devices are counted one after the other.
    Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
    others = ScheduledMessage.objects.filter(user=user).exclude(pk=instead_of)
    if (others.aggregate(chars=Sum(Length("text")))["chars"] or 0) + len(text) > CHARS_MAX:
        raise ChatError(Code.FORBIDDEN, "Your scheduled messages are too long together.")


def _check_text(text: str) -> None:
    if problem := text_problem(text):
        raise problem


def _reserve(user: Participant, keys: tuple[str, ...], due: datetime) -> None:
    """Keep these files for a message that is due at `due`."""
    if not keys:
        return
    found = files_locked(keys)
    if problem := files_problem(keys, user.pk, found):
        raise problem
    if any(file.waits_until for file in found.values()):
        raise invalid_files("has a file of another scheduled message", "A file can be sent once. Upload it again.")
    File.objects.filter(key__in=keys).update(waits_until=due + FILES_STAY)
