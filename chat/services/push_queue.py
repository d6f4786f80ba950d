"""The pushes that are still to be sent, and what follows from the answer of the push service of each."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from chat import metrics
from chat.models import Notification, PushDelivery, PushSubscription
from chat.services.push_subscriptions import end_invalid, private_key_of
from chat.services.push_texts import TTL_SECONDS, Outgoing, PushTexts

logger = logging.getLogger(__name__)

# A push that could not be sent in this time is given up.
GIVEN_UP = timedelta(seconds=TTL_SECONDS)
# Seconds until the second attempt; each further one waits twice as long, up to an hour, or as the push service asks.
RETRY_SECONDS = 15.0
RETRY_MAX_SECONDS = 3600.0
# Seconds until a refusal of our signature is tried again: the operator has to act.
OUR_FAULT_SECONDS = 900.0
_ALONE = (PushDelivery.Kind.REMINDER, PushDelivery.Kind.REACTION)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one push. `status` 0: there was no answer, for the reason in `failure`."""

    outgoing: Outgoing
    status: int = 0
    failure: str = ""
    # Seconds, from Retry-After.
    retry_after: float | None = None

    @property
    def taken(self) -> bool:
        """Whether the push service has the push."""
        return 200 <= self.status < 300


@transaction.atomic
def pushes_due(*, limit: int, but: Collection[int] = (), now: datetime | None = None) -> list[Outgoing]:
    """The pushes to send now, oldest first, to devices other than those of the ids `but`. Those that are pointless by
    now are deleted."""
    now = now or timezone.now()
    # After a failure a device's later pushes wait with it: they keep their order, and a push service that hangs is not
    # asked again for each.
    failed = PushDelivery.objects.filter(subscription=OuterRef("subscription"), attempts__gt=0, due_at__gt=now)
    due = list(
        PushDelivery.objects.filter(due_at__lte=now)
        .exclude(subscription__in=but)
        .exclude(Exists(failed))
        .select_related("subscription__user", "notification", "room")
        .order_by("id")[:limit]
    )
    if not due:
        return []
    gone = _pointless(due, now)
    left = [one for one in due if one.pk not in gone]
    PushDelivery.objects.filter(pk__in=gone).delete()
    return _outgoing(left)


def test_pushes(devices: Iterable[PushSubscription]) -> list[Outgoing]:
    """A test for each of these devices, which is in no queue."""
    now = timezone.now()
    kind = PushDelivery.Kind.TEST
    return _outgoing([PushDelivery(pk=0, subscription=one, kind=kind, created_at=now) for one in devices])


def _outgoing(due: list[PushDelivery]) -> list[Outgoing]:
    """What is left to send of these; the rest is deleted."""
    texts = PushTexts(due)
    made, lost, over = [], [], []
    for one in due:
        private_key = private_key_of(one.subscription.public_key)
        if private_key is None:
            lost.append(one.subscription_id)
        elif not texts.wanted(one):
            over.append(one.pk)
        else:
            made.append(texts.outgoing(one, private_key))
    if lost:
        logger.warning("%d devices were registered with another CHAT_PUSH_KEY, and are ended.", len(lost))
        _end(lost, "key")
    PushDelivery.objects.filter(pk__in=over).delete()
    metrics.PUSHES_WITHDRAWN.labels("read").inc(len(over))
    return made


def _pointless(due: list[PushDelivery], now: datetime) -> set[int]:
    ended = end_invalid({one.subscription_id: one.subscription for one in due}.values())
    gone = {one.pk for one in due if one.subscription_id in ended or one.subscription.ended_at}
    late = {one.pk for one in due if one.created_at < now - GIVEN_UP} - gone
    metrics.PUSHES_FAILED.labels("late").inc(len(late))
    # Of several that wait for one device after a failure the newest of each room is enough: it replaces the others, but
    # what stands for itself.
    news = [one for one in due if one.kind not in _ALONE]
    newest: dict[tuple[int, int | None], int] = {}
    for one in news:
        newest[one.subscription_id, one.room_id] = one.pk
    replaced = (
        {one.pk for one in news if one.attempts and newest[one.subscription_id, one.room_id] != one.pk} - gone - late
    )
    metrics.PUSHES_WITHDRAWN.labels("replaced").inc(len(replaced))
    return gone | late | replaced


# --- Answers -------------------------------------------------------------------------------------------


@transaction.atomic
def outcomes_record(outcomes: Collection[Outcome], *, now: datetime | None = None) -> None:
    """Delete what was taken, put off what has to wait, and end the devices that are gone."""
    now = now or timezone.now()
    sent: list[Outgoing] = []
    dropped: list[int] = []
    ended: dict[str, list[int]] = defaultdict(list)
    later: list[tuple[int, float, bool]] = []
    attempts = dict(
        PushDelivery.objects.filter(pk__in=[one.outgoing.delivery_id for one in outcomes]).values_list("pk", "attempts")
    )
    for one in outcomes:
        delivery = one.outgoing.delivery_id
        reason = reason_of(one)
        if not reason:
            sent.append(one.outgoing)
            metrics.PUSHES_SENT.inc()
            metrics.PUSH_DELAY.observe(max((now - one.outgoing.created_at).total_seconds(), 0))
            continue
        metrics.PUSHES_FAILED.labels(reason).inc()
        wait = _wait(attempts.get(delivery, 0), one.retry_after)
        match reason:
            case "gone" | "address" | "keys":
                ended[reason].append(one.outgoing.subscription_id)
            case "our_fault":
                logger.error(
                    "A push service refuses our signature with %d: see CHAT_PUSH_KEY, CHAT_PUSH_CONTACT and the clock.",
                    one.status,
                )
                later.append((delivery, max(wait, OUR_FAULT_SECONDS), False))
            case "refused":
                logger.warning("A push service refuses a push with %d; it is given up.", one.status)
                dropped.append(delivery)
            case _:
                later.append((delivery, wait, reason == "large"))
    PushDelivery.objects.filter(pk__in=dropped + [one.delivery_id for one in sent]).delete()
    _mark_sent(sent, now)
    for reason, subscriptions in ended.items():
        _end(subscriptions, reason)
    _put_off(later, now)


def reason_of(one: Outcome) -> str:
    """Why the push was not taken, as a metric's label; empty when it was taken."""
    if not one.status:
        return one.failure
    if one.taken:
        return ""
    if one.status in (404, 410):
        return "gone"
    if one.status in (401, 403):
        return "our_fault"
    if one.status == 413:
        return "large"
    if one.status == 429:
        return "too_often"
    if one.status >= 500:
        return "unavailable"
    # A redirect, or a request that is wrong for a reason that does not pass.
    return "redirect" if one.status < 400 else "refused"


def _wait(attempts: int, retry_after: float | None) -> float:
    wait = RETRY_SECONDS * float(2 ** min(attempts, 10))
    return min(max(wait, retry_after or 0.0), RETRY_MAX_SECONDS)


def _mark_sent(sent: list[Outgoing], now: datetime) -> None:
    if not sent:
        return
    PushSubscription.objects.filter(pk__in={one.subscription_id for one in sent}).update(sent_at=now)


def notifications_shown(deliveries: Iterable[int]) -> None:
    """Remember that these stand on a device; an older one of the same room is replaced there.

    Called before they are sent: one that was sent by a process that ended then is closed when it is read, too.
    """
    with transaction.atomic():
        rows = list(
            PushDelivery.objects.filter(pk__in=list(deliveries), notification__isnull=False, notification__shown=False)
            .values_list("notification_id", "notification__user_id", "room_id", "seq")
            .distinct()
        )
        if not rows:
            return
        # Many people, few messages.
        people: defaultdict[tuple[int, int], set[int | None]] = defaultdict(set)
        for _, user_id, place, seq in rows:
            people[place, seq].add(user_id)
        for (place, upto), user_ids in people.items():
            Notification.objects.filter(room=place, seq__lt=upto, user__in=user_ids, shown=True).update(shown=False)
        Notification.objects.filter(pk__in=[row[0] for row in rows]).update(shown=True)


def _end(subscriptions: Collection[int], reason: str) -> None:
    count = PushSubscription.objects.filter(pk__in=subscriptions, ended_at=None).update(ended_at=timezone.now())
    PushDelivery.objects.filter(subscription__in=subscriptions).delete()
    if count:
        logger.info("%d devices are ended: %s.", count, reason)


def _put_off(later: list[tuple[int, float, bool]], now: datetime) -> None:
    rows = PushDelivery.objects.in_bulk([delivery for delivery, _, _ in later])
    for delivery, wait, short in later:
        if row := rows.get(delivery):
            row.attempts += 1
            row.due_at = now + timedelta(seconds=wait)
            row.short = row.short or short
    PushDelivery.objects.bulk_update(rows.values(), ["attempts", "due_at", "short"])
