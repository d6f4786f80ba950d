"""Which process performs the notification work, and which rooms need it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.lib.prepared_queries import PreparedRows, all_together
from chat.models import (
    Attention,
    Notification,
    NotificationCursor,
    NotificationWork,
    PushDelivery,
    PushSubscription,
    Room,
    SavedMessage,
    ServerState,
)

# Primary keys of the rows for the two kinds of work.
NOTIFICATIONS, SCHEDULED = 1, 2


class Heads(dict[int, tuple[int, int]]):
    """(`seq`, `rev`) up to which a room's messages may be decided, by room id."""


def work_exists() -> bool:
    """Whether there is any work: someone has a device (also one that has ended), wants e-mails, or waits for a
    reminder."""
    return any(all_together(*(one.of() for one in _WORK)))


def work_take(process_id: UUID, *, seconds: float, place: int = NOTIFICATIONS) -> bool:
    """Take or renew this work's lease for this process; False while another process holds it."""
    now = timezone.now()
    mine = Q(holder=process_id) | Q(holder=None) | Q(expires_at__lte=now)
    taken = NotificationWork.objects.filter(mine, pk=place)
    lease = {"holder": process_id, "expires_at": now + timedelta(seconds=seconds)}
    return bool(taken.update(**lease)) or NotificationWork.objects.get_or_create(pk=place, defaults=lease)[1]


def work_leave(process_id: UUID, *, place: int = NOTIFICATIONS) -> None:
    """Release the work for the next process that asks."""
    NotificationWork.objects.filter(pk=place, holder=process_id).update(holder=None, expires_at=None)


def work_begin(process_id: UUID) -> bool:
    """Lock the work for a transaction; False if another process has taken it.

    After a restored backup has started a new epoch, this skips the messages in the backup.
    """
    work = NotificationWork.objects.select_for_update().filter(pk=NOTIFICATIONS, holder=process_id).first()
    if not work:
        return False
    epoch = ServerState.objects.get(pk=ServerState.SINGLETON).epoch
    if work.epoch != epoch:
        NotificationWork.objects.filter(pk=work.pk).update(epoch=epoch)
        if work.epoch is not None:
            _pass_over()
    return True


def _pass_over() -> None:
    Notification.objects.all().delete()
    PushDelivery.objects.all().delete()
    cursors_save(NotificationCursor(room_id=pk, seq=seq, rev=rev) for pk, (seq, rev) in new_heads().items())


def new_heads() -> Heads:
    """The numbers of the rooms with messages or changes that are not decided yet. One query."""
    return Heads({room_id: (seq, rev) for room_id, seq, rev in _NEW.all()})


def rooms_new() -> QuerySet[Any, Any]:
    """The rooms of `new_heads`: id, `seq`, `rev`."""
    return (
        Room.objects.annotate(
            done_seq=Coalesce(F("notification_cursor__seq"), 0), done_rev=Coalesce(F("notification_cursor__rev"), 0)
        )
        .filter(Q(last_seq__gt=F("done_seq")) | Q(last_rev__gt=F("done_rev")))
        .order_by()
        .values_list("pk", "last_seq", "last_rev")
    )


_WORK = (
    PreparedRows(lambda: PushSubscription.objects.order_by().values_list("pk")[:1]),
    PreparedRows(lambda: Attention.objects.exclude(mail=Attention.Mail.NEVER).order_by().values_list("pk")[:1]),
    PreparedRows(lambda: SavedMessage.objects.filter(remind_at__isnull=False).order_by().values_list("pk")[:1]),
)
_NEW = PreparedRows(rooms_new)


def cursors_save(cursors: Iterable[NotificationCursor]) -> None:
    """Save how far each room has been read."""
    NotificationCursor.objects.bulk_create(
        cursors, update_conflicts=True, unique_fields=["room"], update_fields=["seq", "rev"], batch_size=500
    )
