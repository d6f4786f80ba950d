"""The queue of pushes as it is read: one row for each that is due, with all that decides what becomes of it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from chat.lib.prepared_queries import SIZES, PreparedManyLists, numbers
from chat.models import Membership, PushDelivery, PushSubscription

# Pushes that are on their way at the same time: of a process that is killed at most this number is sent again. As many
# devices as a query may leave out.
AT_ONCE = SIZES[-1]
# No device and no time of the queue.
_NONE, _NEVER = 0, datetime(1, 1, 2, tzinfo=UTC)


class Due(NamedTuple):
    """A push in the queue, its device, and what its reader chose; in the order of the columns of `_due`."""

    delivery_id: int
    kind: str
    created_at: datetime
    subscription_id: int
    endpoint: str
    p256dh: str
    auth: str
    language: str
    # Ours, that the browser was given.
    public_key: str
    user_id: int
    room_id: int | None = None
    seq: int = 0
    slug: str = ""
    cleared_before_seq: int = 0
    reaction: int | None = None
    attempts: int = 0
    # Sent again without the text.
    short: bool = False
    notification_id: int | None = None
    # Of the notification: why, and whether it stands on a device already.
    reason: str | None = None
    shown: bool | None = None
    ended_at: datetime | None = None
    # Of the person: Attention.shown and .silent, Preferences.sound. None: there is no row.
    showing: str | None = None
    silent: int | None = None
    sound: bool | None = None
    # Whether the credential of the device has to be looked at again, see `end_invalid`.
    doubtful: bool = False
    # Whether the person is a member and has not read it.
    unread: bool = False


def due(*, limit: int, but: Collection[int], now: datetime) -> list[Due]:
    """At most `limit` pushes that are due, and at most AT_ONCE, the oldest first, to devices other than those of the
    ids `but`, of which there may be AT_ONCE."""
    return [Due(*row) for row in _DUE.all(but or [_NONE], also=(now,))[:limit]]


def test_of(device: PushSubscription, *, now: datetime) -> Due:
    """A test for this device, which is in no queue."""
    facts = (device.pk, device.endpoint, device.p256dh, device.auth, device.language, device.public_key)
    return Due(0, PushDelivery.Kind.TEST, now, *facts, device.user_id)


def _due(but: Sequence[int], now: datetime) -> QuerySet[Any, Any]:
    # After a failure a device's later pushes wait with it: they keep their order, and a push service that hangs is not
    # asked again for each.
    failed = PushDelivery.objects.filter(subscription=OuterRef("subscription"), attempts__gt=0, due_at__gt=now)
    unread = Membership.objects.filter(
        user=OuterRef("subscription__user"), room=OuterRef("room"), read_seq__lt=OuterRef("seq")
    )
    changed = ~Q(subscription__access_rev=F("subscription__user__access_rev")) | Q(subscription__expires_at__lte=now)
    return (
        PushDelivery.objects.filter(due_at__lte=now)
        .exclude(subscription__in=but)
        .exclude(Exists(failed))
        .annotate(doubtful=ExpressionWrapper(changed, BooleanField()), unread=Exists(unread))
        .order_by("id")
        .values_list(
            *("id", "kind", "created_at"),
            *("subscription_id", "subscription__endpoint", "subscription__p256dh", "subscription__auth"),
            *("subscription__language", "subscription__public_key", "subscription__user_id"),
            *("room_id", "seq", "room__slug", "room__cleared_before_seq", "reaction", "attempts", "short"),
            *("notification_id", "notification__reason", "notification__shown", "subscription__ended_at"),
            *("subscription__user__attention__shown", "subscription__user__attention__silent"),
            *("subscription__user__preferences__sound", "doubtful", "unread"),
        )[:AT_ONCE]
    )


_DUE = PreparedManyLists(_due, numbers, also=(_NEVER,))
