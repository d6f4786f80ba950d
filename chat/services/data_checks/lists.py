"""Lists that people and rooms keep apart from messages: pins, saved messages, scheduled messages, emoji."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from chat.models import CustomEmoji, EmojiName, File, Message, Room, SavedMessage, ScheduledMessage
from chat.services.data_checks.finding import Finding
from chat.services.pin_lists import pins_set
from chat.services.scheduling import FILES_STAY


def check_pins(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Compare a room's pin list with the messages marked as pinned. Repair keeps the order, drops messages that are
    deleted or not pinned, and puts the missing ones first, newest pin first."""
    pinned = Message.objects.filter(pinned_at__isnull=False)
    for room in rooms.filter(~Q(pins=[]) | Q(pk__in=pinned.values("room"))).order_by("pk"):
        with transaction.atomic():
            locked = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
            marked = pinned.filter(room=room, deleted_at=None).order_by("-pinned_at", "-seq")
            seqs = list(marked.values_list("seq", flat=True))
            kept = [seq for seq in dict.fromkeys(locked.pins) if seq in seqs]
            wanted = [seq for seq in seqs if seq not in kept] + kept
            if wanted == locked.pins:
                continue
            text = f"Its list of pins is {locked.pins}, and the messages that say so are {sorted(seqs)}."
            if repair:
                pins_set(locked, wanted)
            yield Finding("pins", room.slug, text, repaired=repair)


def check_saved(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find saved messages that are done but have a reminder, which would be sent. Repair removes the reminder."""
    wrong = SavedMessage.objects.filter(message__room__in=rooms, done_at__isnull=False, remind_at__isnull=False)
    for saved in wrong.select_related("user", "message__room").order_by("pk").iterator():
        if repair:
            SavedMessage.objects.filter(pk=saved.pk).update(remind_at=None)
        place = f"{saved.message.room.slug}:{saved.message.seq}"
        yield Finding("saved", place, f"@{saved.user.username} has done it and is to be reminded.", repaired=repair)


def check_schedules(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find scheduled messages whose `due_at` differs from their local time, or whose files would be deleted before it.
    Repair computes `due_at` and keeps the files; a missing file is only reported."""
    for row in ScheduledMessage.objects.filter(room__in=rooms, state__in=ScheduledMessage.OPEN).order_by("pk"):
        place = f"{row.room.slug if row.room else ''}: message for later {row.pk}"
        due = _moment(row)
        if due is None:
            text = f"Its time {row.local} in {row.zone} is none. Change or cancel it."
            yield Finding("schedules", place, text, repairable=False)
            continue
        if due != row.due_at:
            if repair:
                ScheduledMessage.objects.filter(pk=row.pk).update(due_at=due)
            text = f"It is due at {row.due_at:%F %T} UTC, and its clock shows {row.local} at {due:%F %T} UTC."
            yield Finding("schedules", place, text, repaired=repair)
        files = File.objects.filter(key__in=row.files, state=File.State.READY)
        if gone := len(row.files) - files.count():
            yield Finding("schedules", place, f"{gone} of its files are gone. Change or cancel it.", repairable=False)
        early = files.filter(message=None).filter(Q(waits_until=None) | Q(waits_until__lt=due))
        if number := early.count():
            if repair:
                early.update(waits_until=due + FILES_STAY)
            yield Finding("schedules", place, f"{number} files are deleted before it is sent.", repaired=repair)


def _moment(row: ScheduledMessage) -> datetime | None:
    try:
        local = datetime.fromisoformat(row.local).replace(tzinfo=ZoneInfo(row.zone), fold=row.fold)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None
    return local.astimezone(UTC)


def check_emoji(*, repair: bool) -> Iterator[Finding]:
    """Find emoji without a main name, or whose picture the sweep would delete. Repair makes the oldest name the main
    one and keeps the picture; an emoji without a picture is only reported."""
    emoji = CustomEmoji.objects.select_related("file").annotate(main=Count("names", filter=Q(names__main=True)))
    wrong = emoji.filter(Q(main=0) | Q(file__kept=False) | ~Q(file__state=File.State.READY))
    for one in wrong.order_by("pk").iterator():
        names = list(EmojiName.objects.filter(emoji=one).order_by("pk"))
        place = f":{names[0].name}:" if names else f"emoji {one.pk}"
        if one.file.state != File.State.READY:
            text = "Its picture is gone. Delete it, or take it from a backup."
            yield Finding("emoji", place, text, repairable=False)
        elif not one.file.kept:
            if repair:
                File.objects.filter(pk=one.file.pk).update(kept=True)
            yield Finding("emoji", place, "Its picture is not kept, and would be deleted.", repaired=repair)
        if not names:
            yield Finding("emoji", place, "It has no name. Delete it at /admin/.", repairable=False)
        elif not one.main:
            if repair:
                EmojiName.objects.filter(pk=names[0].pk).update(main=True)
            yield Finding("emoji", place, "None of its names is shown.", repaired=repair)
