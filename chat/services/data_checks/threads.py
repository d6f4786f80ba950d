"""Threads: the root's `reply_count`, newest reply and last repliers, stored in addition to the replies."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from chat.models import Message, Room, Thread
from chat.services.data_checks.finding import Finding
from chat.services.publishing import take_rev
from chat.services.thread_roots import thread_recount

CHECK = "threads"


def check_threads(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Compare threads with their replies. Repair counts them again; a reply without a root is only reported."""
    for room in rooms.order_by("pk").iterator():
        # Without a lock first: concurrent posting may be the cause.
        for seq in sorted(_suspects(room)):
            yield from _faults(room.pk, seq, repair)


def _suspects(room: Room) -> set[int]:
    replies = Message.objects.filter(room=room, deleted_at=None).exclude(thread=None).order_by()
    counted = {
        (row["thread"], row["n"], row["last"])
        for row in replies.values("thread").annotate(n=Count("pk"), last=Max("seq"))
    }
    roots = Message.objects.filter(room=room, pk__in=Thread.objects.filter(room=room).values("pk"))
    counts = dict(roots.values_list("seq", "reply_count"))
    counts |= dict(Message.objects.filter(room=room, reply_count__gt=0).values_list("seq", "reply_count"))
    newest = dict(Thread.objects.filter(room=room).values_list("seq", "last_seq"))
    stored = {(seq, count, newest.get(seq, 0)) for seq, count in counts.items() if count or newest.get(seq, 0)}
    return {seq for seq, _, _ in counted ^ stored if seq is not None}


@transaction.atomic
def _faults(room_id: int, seq: int, repair: bool) -> list[Finding]:
    """The fault of one thread, read under its room's lock."""
    room = Room.objects.select_for_update(no_key=True).filter(pk=room_id).first()
    if room is None:
        return []
    place = f"{room.slug}:{seq}"
    replies = Message.objects.filter(room=room, thread=seq, deleted_at=None)
    has, last = replies.count(), replies.aggregate(last=Max("seq"))["last"] or 0
    root = Message.objects.filter(room=room, seq=seq).first()
    if root is None:
        text = f"{has} replies belong to a thread whose first message is missing. A backup from before has it."
        return [Finding(CHECK, place, text, repairable=False)] if has else []
    thread = Thread.objects.filter(pk=root.pk).first()
    newest = thread.last_seq if thread else 0
    if (root.reply_count, newest) == (has, last):
        return []
    if repair:
        thread_recount(thread or Thread(root=root, room=room, seq=seq))
        Message.objects.filter(pk=root.pk).update(reply_count=has, rev=take_rev(room))
        room.save(update_fields=["last_rev"])
    text = f"reply_count is {root.reply_count} and the newest reply {newest}; it has {has} replies up to {last}."
    return [Finding(CHECK, place, text, repaired=repair)]
