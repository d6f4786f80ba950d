"""Reads the queue of pushes: one row for each due push, with everything that decides about it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from chat.lib.prepared_queries import SIZES, PreparedManyLists, numbers
from chat.models import Membership, PushDelivery, PushSubscription

# Pushes in flight at the same time: if the process is killed, at most this number is sent again. Also the number of
# devices that a query may leave out.
AT_ONCE = SIZES[-1]
# Limits of these per person and per device. With 20 devices at a push service that takes 7.9 s per response, one person
# would otherwise take all of them. The pushes of one device are sent one after the other.
PERSON_AT_ONCE = 8
DEVICE_AT_ONCE = 4
# Values that match no device or person and no time in the queue, and placeholders for people and a push id.
_NONE, _NEVER = 0, datetime(1, 1, 2, tzinfo=UTC)
_PEOPLE, _AFTER = -78_000, -79_000
_ALONE = (PushDelivery.Kind.REMINDER, PushDelivery.Kind.REACTION)


class Due(NamedTuple):
    """A push in the queue, with its device and its person's settings; in the order of the columns of `_due`."""

    delivery_id: int
    kind: str
    created_at: datetime
    subscription_id: int
    endpoint: str
    p256dh: str
    auth: str
    language: str
    # Our public key, which the browser subscribed with.
    public_key: str
    user_id: int
    room_id: int | None = None
    seq: int = 0
    slug: str = ""
    cleared_before_seq: int = 0
    reaction: int | None = None
    attempts: int = 0
    # Retry without the text.
    short: bool = False
    notification_id: int | None = None
    # The notification's reason, and whether a device shows it already.
    reason: str | None = None
    shown: bool | None = None
    ended_at: datetime | None = None
    # The person's Attention.shown and .silent, and Preferences.sound. None: there is no row.
    showing: str | None = None
    silent: int | None = None
    sound: bool | None = None
    # Whether the device's credential must be checked again, see `end_invalid`.
    doubtful: bool = False
    # Whether the person is a member and has not read the message.
    unread: bool = False
    # Whether a later push for the room suffices, for a device that has waited after a failure; not a column.
    replaced: bool = False


def due(
    *,
    limit: int,
    but: Collection[int],
    on_way: Mapping[int, int],
    pointless: Callable[[Due], bool],
    now: datetime,
) -> list[Due]:
    """At most AT_ONCE due pushes, oldest first. Leaves out the devices with ids in `but` (at most AT_ONCE). At most
    `limit` of the pushes are neither `replaced` nor `pointless`; of these at most DEVICE_AT_ONCE are for one device,
    and at most PERSON_AT_ONCE, less those `on_way` to the person (by id), for one person.

    One query; one more for each 64 rows of devices and people that have reached their limit.
    """
    found: list[Due] = []
    people, devices, after = Counter(on_way), Counter[int](), 0
    while limit > 0 and len(found) < AT_ONCE:
        others = [*but, *(device for device, number in devices.items() if number >= DEVICE_AT_ONCE)]
        full = [person for person, number in people.items() if number >= PERSON_AT_ONCE]
        rows = _with_replaced([Due(*row) for row in _DUE.all(others or [_NONE], full or [_NONE], also=(now, after))])
        for one in rows:
            if limit == 0 or len(found) == AT_ONCE:
                break
            if not (one.replaced or pointless(one)):
                if people[one.user_id] >= PERSON_AT_ONCE or devices[one.subscription_id] >= DEVICE_AT_ONCE:
                    continue
                people[one.user_id] += 1
                devices[one.subscription_id] += 1
                limit -= 1
            found.append(one)
        if len(rows) < AT_ONCE:
            break
        after = rows[-1].delivery_id
    return found


def _with_replaced(rows: Sequence[Due]) -> list[Due]:
    """Mark pushes as `replaced` for devices that wait after a failure: only the newest one of each room is needed,
    apart from kinds that stand alone."""
    failed = {one.subscription_id for one in rows if one.attempts}
    newest = {(one.subscription_id, one.room_id): one.delivery_id for one in rows if one.kind not in _ALONE}
    return [
        one._replace(replaced=True)
        if one.subscription_id in failed
        and one.kind not in _ALONE
        and newest[one.subscription_id, one.room_id] != one.delivery_id
        else one
        for one in rows
    ]


def test_of(device: PushSubscription, *, now: datetime) -> Due:
    """A test push for this device, outside of the queue."""
    facts = (device.pk, device.endpoint, device.p256dh, device.auth, device.language, device.public_key)
    return Due(0, PushDelivery.Kind.TEST, now, *facts, device.user_id)


def _due(but: Sequence[int], people: Sequence[int], now: datetime, after: int) -> QuerySet[Any, Any]:
    # After a failure, the device's later pushes wait, too: this keeps their order, and does not send each of them to a
    # push service that hangs.
    failed = PushDelivery.objects.filter(subscription=OuterRef("subscription"), attempts__gt=0, due_at__gt=now)
    # Not a join: SQLite would check each of their pushes for failures first, which takes 3 s for 4,000 to one device.
    theirs = PushSubscription.objects.filter(user__in=people)
    unread = Membership.objects.filter(
        user=OuterRef("subscription__user"), room=OuterRef("room"), read_seq__lt=OuterRef("seq")
    )
    changed = ~Q(subscription__access_rev=F("subscription__user__access_rev")) | Q(subscription__expires_at__lte=now)
    return (
        PushDelivery.objects.filter(due_at__lte=now, id__gt=after)
        .exclude(subscription__in=but)
        .exclude(subscription__in=theirs)
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


_DUE = PreparedManyLists(_due, numbers, lambda place: _PEOPLE - place, also=(_NEVER, _AFTER), as_written=True)
