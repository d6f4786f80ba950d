"""The queue of pushes as it is read: one row for each that is due, with all that decides what becomes of it."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from chat.lib.prepared_queries import SIZES, PreparedManyLists, numbers
from chat.models import Membership, PushDelivery, PushSubscription

# Pushes that are on their way at the same time: of a process that is killed at most this number is sent again. As many
# devices as a query may leave out.
AT_ONCE = SIZES[-1]
# Of these, how many are one person's: with 20 devices of a push service that answers after 7.9 s each time, one person
# would have all of them. And how many are one device's, which is sent one after the other.
PERSON_AT_ONCE = 8
DEVICE_AT_ONCE = 4
# No device or person and no time of the queue, and stand-ins for people and for the id of a push.
_NONE, _NEVER = 0, datetime(1, 1, 2, tzinfo=UTC)
_PEOPLE, _AFTER = -78_000, -79_000
_ALONE = (PushDelivery.Kind.REMINDER, PushDelivery.Kind.REACTION)


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
    # Whether a later one of the room is enough for a device that has waited after a failure; not a column.
    replaced: bool = False


def due(
    *,
    limit: int,
    but: Collection[int],
    on_way: Mapping[int, int],
    pointless: Callable[[Due], bool],
    now: datetime,
) -> list[Due]:
    """At most AT_ONCE pushes that are due, the oldest first, to devices other than those of the ids `but`, of which
    there may be AT_ONCE. At most `limit` of them are neither `replaced` nor `pointless`, and of these DEVICE_AT_ONCE
    are one device's, and PERSON_AT_ONCE one person's, less what is `on_way` to that person (by the id).

    One query; one more for each 64 rows of devices and people who have all that they may.
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
    """Of several that wait for one device after a failure the newest of each room is enough: it replaces the others,
    but what stands for itself."""
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
    """A test for this device, which is in no queue."""
    facts = (device.pk, device.endpoint, device.p256dh, device.auth, device.language, device.public_key)
    return Due(0, PushDelivery.Kind.TEST, now, *facts, device.user_id)


def _due(but: Sequence[int], people: Sequence[int], now: datetime, after: int) -> QuerySet[Any, Any]:
    # After a failure a device's later pushes wait with it: they keep their order, and a push service that hangs is not
    # asked again for each.
    failed = PushDelivery.objects.filter(subscription=OuterRef("subscription"), attempts__gt=0, due_at__gt=now)
    # Not by a join: SQLite would look for failures of each of their pushes first, 3 s for 4,000 to one device.
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
