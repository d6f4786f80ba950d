"""Closes notifications that are over: what was not sent is withdrawn, what stands on a device is closed there."""

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

# Notifications that are closed in one transaction.
CLOSED_STEP = 500
# Deleted in one statement, of those that only remember a call.
FORGOTTEN_STEP = 5_000
# An e-mail that could not be sent in this time is given up.
MAIL_KEPT = timedelta(days=3)


def notifications_close(over: Collection[Notification], *, now: datetime) -> int:
    """Delete these notifications, with what was not sent of them, and close them where they are shown; returns the
    number of deliveries that were withdrawn."""
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
    """Withdraw and close what messages of someone whom the person blocks now have notified: a push may wait for an
    hour, and an e-mail for a day."""
    theirs = Message.objects.filter(room=OuterRef("room"), seq=OuterRef("seq"), author=blocked)
    notifications_close(list(Notification.objects.filter(Exists(theirs), user=user)), now=timezone.now())


def calls_forget(*, before: datetime) -> None:
    """Delete notifications from before this time that stand nowhere and wait for nothing: they were only kept so that
    an edit does not call a second time. Those for an e-mail wait for MAIL_KEPT."""
    past = Notification.objects.filter(
        Q(mail=False) | Q(created_at__lt=before - MAIL_KEPT),
        ~Exists(PushDelivery.objects.filter(notification=OuterRef("pk"))),
        created_at__lt=before,
        shown=False,
    )
    Notification.objects.filter(pk__in=list(past.values_list("pk", flat=True)[:FORGOTTEN_STEP])).delete()


@transaction.atomic
def read_close(*, process_id: UUID) -> int:
    """Withdraw what was read, cleared, or is in a room that the person has left; returns how many deliveries."""
    if not _HELD.all(process_id):
        return 0
    over = [pk for (pk,) in _OVER.all()]
    if not over:
        return 0
    return notifications_close(list(Notification.objects.filter(pk__in=over)), now=timezone.now())


def notifications_over() -> QuerySet[Any, Any]:
    """The ids of at most CLOSED_STEP notifications that `read_close` ends."""
    here = Membership.objects.filter(
        user=OuterRef("user"), room=OuterRef("room"), room__cleared_before_seq__lte=OuterRef("seq")
    )
    # A reply that the room does not show is read in its thread, by those who follow it.
    follows = ThreadFollow.objects.filter(
        user=OuterRef("user"), thread__room=OuterRef("room"), thread__seq=OuterRef("thread")
    )
    unread = Exists(here.filter(read_seq__lt=OuterRef("seq"))) & ~Exists(follows)
    unread |= Exists(here) & Exists(follows.filter(read_seq__lt=OuterRef("seq")))
    open_ones = Notification.objects.filter(
        Q(shown=True) | Q(mail=True) | Exists(PushDelivery.objects.filter(notification=OuterRef("pk")))
    )
    return open_ones.exclude(unread).values_list("pk")[:CLOSED_STEP]


# Each second, while messages are posted: building the first took 4 ms.
_OVER = PreparedRows(notifications_over)
_HELD = PreparedRows(lambda holder: NotificationWork.objects.filter(pk=1, holder=holder).values_list("pk"), UUID(int=1))
