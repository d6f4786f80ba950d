"""Closes obsolete notifications: withdraws unsent pushes, and closes notifications that devices show."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from chat.lib.prepared_queries import PreparedRows
from chat.models import (
    Membership,
    Message,
    Notification,
    NotificationWork,
    Participant,
    PushDelivery,
    PushSubscription,
    ThreadFollow,
)

# Notifications closed per transaction.
CLOSED_STEP = 500
# Rows deleted per statement, of notifications that only remember a call.
FORGOTTEN_STEP = 5_000
# An e-mail that could not be sent within this time is dropped.
MAIL_KEPT = timedelta(days=3)


def notifications_close(over: Collection[Notification], *, now: datetime) -> int:
    """Delete these notifications and their unsent deliveries, and close them on devices that show them; returns the
    number of withdrawn deliveries."""
    if not over:
        return 0
    withdrawn = PushDelivery.objects.filter(notification__in=over).delete()[0]
    shown = {(one.user_id, one.room_id): one.seq for one in sorted(over, key=lambda one: one.seq) if one.shown}
    devices: defaultdict[int, list[int]] = defaultdict(list)
    people = {user_id for user_id, _ in shown}
    for user_id, pk in PushSubscription.objects.filter(user__in=people, ended_at=None).values_list("user_id", "pk"):
        devices[user_id].append(pk)
    PushDelivery.objects.bulk_create(
        PushDelivery(
            subscription_id=device, kind=PushDelivery.Kind.READ, room_id=room_id, seq=seq, created_at=now, due_at=now
        )
        for (user_id, room_id), seq in shown.items()
        for device in devices[user_id]
    )
    Notification.objects.filter(pk__in=[one.pk for one in over]).delete()
    return withdrawn


def blocked_close(*, user: Participant, blocked: Participant) -> None:
    """Withdraw and close notifications about messages from a person who is now blocked: a push may wait for an hour,
    and an e-mail for a day."""
    theirs = Message.objects.filter(room=OuterRef("room"), seq=OuterRef("seq"), author=blocked)
    notifications_close(list(Notification.objects.filter(Exists(theirs), user=user)), now=timezone.now())


def calls_forget(*, before: datetime) -> None:
    """Delete notifications from before this time that no device shows and that wait for nothing: they were kept only so
    that an edit does not notify again. Those that wait for an e-mail are kept for MAIL_KEPT."""
    past = Notification.objects.filter(
        Q(mail=False) | Q(created_at__lt=before - MAIL_KEPT),
        ~Exists(PushDelivery.objects.filter(notification=OuterRef("pk"))),
        created_at__lt=before,
        shown=False,
    )
    Notification.objects.filter(pk__in=list(past.values_list("pk", flat=True)[:FORGOTTEN_STEP])).delete()


@transaction.atomic
def read_close(*, process_id: UUID) -> int:
    """Close what was read or cleared, or is in a room that the person has left; returns the number of deliveries."""
    if not _HELD.all(process_id):
        return 0
    over = [pk for (pk,) in _OVER.all()]
    if not over:
        return 0
    return notifications_close(list(Notification.objects.filter(pk__in=over)), now=timezone.now())


def notifications_over() -> QuerySet[Any, Any]:
    """The ids of at most CLOSED_STEP notifications for `read_close` to close."""
    here = Membership.objects.filter(
        user=OuterRef("user"), room=OuterRef("room"), room__cleared_before_seq__lte=OuterRef("seq")
    )
    # Followers read a reply that the room does not show in its thread.
    follows = ThreadFollow.objects.filter(
        user=OuterRef("user"), thread__room=OuterRef("room"), thread__seq=OuterRef("thread")
    )
    unread = Exists(here.filter(read_seq__lt=OuterRef("seq"))) & ~Exists(follows)
    unread |= Exists(here) & Exists(follows.filter(read_seq__lt=OuterRef("seq")))
    open_ones = Notification.objects.filter(
        Q(shown=True) | Q(mail=True) | Exists(PushDelivery.objects.filter(notification=OuterRef("pk")))
    )
    return open_ones.exclude(unread).values_list("pk")[:CLOSED_STEP]


# Prepared, because they run each second while messages are posted: building the first one took 4 ms.
_OVER = PreparedRows(notifications_over)
_HELD = PreparedRows(lambda holder: NotificationWork.objects.filter(pk=1, holder=holder).values_list("pk"), UUID(int=1))
