"""Numbers of rooms: messages are numbered from 1 to `last_seq` without gaps, and no `rev` is above `last_rev`."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Window
from django.db.models.functions import Lag
from django.utils import timezone

from chat.models import Message, Room
from chat.services.data_checks.finding import Finding

CHECK = "numbers"
# Rooms whose messages one query counts.
_ROOMS_STEP = 200
# Listed gaps per room.
_GAPS_SHOWN = 20


def check_numbers(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Compare each room's counters with its messages. Repair raises a counter that is too low, which would assign a
    number twice; a missing message is only reported."""
    for pk in _suspects(rooms):
        yield from _faults(pk, repair)


def _suspects(rooms: QuerySet[Room]) -> Iterator[int]:
    """The rooms whose counters differ from their messages. Takes no lock, so concurrent posting may be the cause."""
    after = 0
    # Rooms that are being deleted lack messages.
    rooms = rooms.exclude(delete_at__lte=timezone.now())
    while step := list(rooms.filter(pk__gt=after).order_by("pk")[:_ROOMS_STEP]):
        after = step[-1].pk
        counted = {row["room"]: row for row in _counted(Message.objects.filter(room__in=step))}
        for room in step:
            has = counted.get(room.pk, {"number": 0, "seq": 0, "rev": 0})
            if not has["number"] == has["seq"] == room.last_seq or has["rev"] > room.last_rev:
                yield room.pk


def _counted(messages: QuerySet[Message]) -> Any:
    return messages.order_by("room").values("room").annotate(number=Count("pk"), seq=Max("seq"), rev=Max("rev"))


@transaction.atomic
def _faults(pk: int, repair: bool) -> list[Finding]:
    """The faults of one room, read under its lock."""
    room = Room.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if room is None:
        return []
    messages = Message.objects.filter(room=pk)
    has = _counted(messages).first() or {"seq": 0, "rev": 0}
    found = [
        Finding(CHECK, room.slug, f"{name} is {counter}, and a message has {highest}: posting fails.", repaired=repair)
        for name, counter, highest in (("last_seq", room.last_seq, has["seq"]), ("last_rev", room.last_rev, has["rev"]))
        if counter < highest
    ]
    if found and repair:
        room.last_seq = max(room.last_seq, has["seq"])
        room.last_rev = max(room.last_rev, has["rev"], room.last_seq)
        room.save(update_fields=["last_seq", "last_rev"])
    gaps = list(_gaps(messages, room.last_seq))
    for first, last in gaps[:_GAPS_SHOWN]:
        what = f"Message {first} is" if first == last else f"Messages {first} to {last} are"
        found.append(Finding(CHECK, room.slug, f"{what} missing. A backup from before has them.", repairable=False))
    if len(gaps) > _GAPS_SHOWN:
        more = f"{len(gaps) - _GAPS_SHOWN} more gaps between its messages."
        found.append(Finding(CHECK, room.slug, more, repairable=False))
    return found


def _gaps(messages: QuerySet[Message], last_seq: int) -> Iterator[tuple[int, int]]:
    """The first and the last missing number of each gap from 1 to `last_seq`."""
    before = Window(Lag("seq", default=0), order_by="seq")
    after_gaps = messages.annotate(before=before).filter(~Q(before=F("seq") - 1)).order_by("seq")
    for last_before, seq in after_gaps.values_list("before", "seq"):
        yield last_before + 1, seq - 1
    highest = messages.aggregate(seq=Max("seq"))["seq"] or 0
    if highest < last_seq:
        yield highest + 1, last_seq
