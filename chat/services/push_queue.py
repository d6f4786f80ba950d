"""The queue of pushes to send, and the handling of the push services' responses."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction
from django.utils import timezone
from prometheus_client import Counter

from chat import metrics
from chat.models import PushDelivery, PushSubscription
from chat.services import push_rows, push_sql
from chat.services.push_rows import Due
from chat.services.push_subscriptions import end_invalid, private_key_of
from chat.services.push_texts import TTL_SECONDS, Outgoing, PushTexts
from chat.services.sql_pipeline import run_together

logger = logging.getLogger(__name__)

# A push that could not be sent within this time is dropped.
GIVEN_UP = timedelta(seconds=TTL_SECONDS)
# Seconds until the second attempt; each further one waits twice as long, up to an hour, or as the push service asks.
RETRY_SECONDS = 15.0
RETRY_MAX_SECONDS = 3600.0
# Seconds until a retry after a push service rejects our signature: the operator must act.
OUR_FAULT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one push. `status` 0: there was no response, for the reason in `failure`."""

    outgoing: Outgoing
    status: int = 0
    failure: str = ""
    # In seconds, from Retry-After.
    retry_after: float | None = None

    @property
    def taken(self) -> bool:
        """Whether the push service accepted the push."""
        return 200 <= self.status < 300


def pushes_due(
    *,
    limit: int,
    but: Collection[int] = (),
    on_way: Mapping[int, int] | None = None,
    now: datetime | None = None,
    outcomes: Collection[Outcome] = (),
) -> list[Outgoing]:
    """Record `outcomes` of earlier pushes, and return the pushes to send now, oldest first. Leaves out the devices with
    ids in `but`, and limits each person's pushes, counting those in `on_way` (by the person's id). Deletes obsolete
    pushes and marks the others as shown. One transaction, because each one costs a sync of the disk and a thread that
    waits for it."""
    now = now or timezone.now()
    given_up = now - GIVEN_UP

    def pointless(one: Due) -> bool:
        is_read = one.kind == PushDelivery.Kind.NOTIFICATION and not one.unread
        return is_read or one.created_at < given_up or one.ended_at is not None

    with transaction.atomic():
        if outcomes:
            outcomes_record(outcomes)
        due = push_rows.due(limit=limit, but=but, on_way=on_way or {}, pointless=pointless, now=now)
        if not due:
            return []
        if gone := _pointless(due, now):
            PushDelivery.objects.filter(pk__in=gone).delete()
        texts = PushTexts([one for one in due if one.delivery_id not in gone])
        wanted = _wanted(texts)
        _mark_shown([one for one, _ in wanted])
    return [texts.outgoing(one, private_key) for one, private_key in wanted]


def test_pushes(devices: Iterable[PushSubscription]) -> list[Outgoing]:
    """A test push for each of these devices, outside of the queue."""
    now = timezone.now()
    texts = PushTexts([push_rows.test_of(one, now=now) for one in devices])
    return [texts.outgoing(one, private_key) for one, private_key in _wanted(texts)]


def _wanted(texts: PushTexts) -> list[tuple[Due, str]]:
    """The pushes that are still worth sending, each with its signing key; deletes the others."""
    keys = {public_key: private_key_of(public_key) for public_key in {one.public_key for one in texts.due}}
    found: list[tuple[Due, str]] = []
    lost, over = [], []
    for one in texts.due:
        private_key = keys[one.public_key]
        if private_key is None:
            lost.append(one.subscription_id)
        elif not texts.wanted(one):
            over.append(one.delivery_id)
        else:
            found.append((one, private_key))
    if lost:
        logger.warning("%d devices were registered with another CHAT_PUSH_KEY, and are ended.", len(lost))
        _end(lost, "key")
    if over:
        PushDelivery.objects.filter(pk__in=over).delete()
        _count(metrics.PUSHES_WITHDRAWN.labels("read"), len(over))
    return found


def _pointless(due: Sequence[Due], now: datetime) -> set[int]:
    doubtful = {one.subscription_id for one in due if one.doubtful}
    ended = end_invalid(PushSubscription.objects.select_related("user").filter(pk__in=doubtful)) if doubtful else set()
    gone = {one.delivery_id for one in due if one.subscription_id in ended or one.ended_at}
    late = {one.delivery_id for one in due if one.created_at < now - GIVEN_UP} - gone
    _count(metrics.PUSHES_FAILED.labels("late"), len(late))
    replaced = {one.delivery_id for one in due if one.replaced} - gone - late
    _count(metrics.PUSHES_WITHDRAWN.labels("replaced"), len(replaced))
    return gone | late | replaced


def _mark_shown(due: Iterable[Due]) -> None:
    """Mark these as shown on a device, where each replaces an older one of the same room.

    Before they are sent, so that reading closes a notification even if its process was killed right after sending it.
    This ends the transaction.
    """
    new = [one for one in due if one.notification_id and not one.shown]
    if not new:
        return
    replaced = list({(one.user_id, one.room_id, one.seq) for one in new})
    shown = [(True, pk) for pk in {one.notification_id for one in new}]
    run_together((push_sql.REPLACED, replaced), (push_sql.SHOWN, shown), last=True)


# --- Answers -------------------------------------------------------------------------------------------


@transaction.atomic(savepoint=False)
def outcomes_record(outcomes: Collection[Outcome], *, now: datetime | None = None) -> None:
    """Delete the accepted pushes, postpone those that must wait, and end devices that are gone."""
    now = now or timezone.now()
    sent = [one.outgoing for one in outcomes if one.taken]
    _count(metrics.PUSHES_SENT, len(sent))
    transaction.on_commit(partial(_observe, [(now - one.created_at).total_seconds() for one in sent]))
    dropped = _record_failures([one for one in outcomes if not one.taken], now) if len(sent) < len(outcomes) else []
    over = [(pk,) for pk in (*dropped, *(one.delivery_id for one in sent))]
    at = str(connection.ops.adapt_datetimefield_value(now))
    devices = [(at, pk) for pk in {one.subscription_id for one in sent}]
    if over:
        run_together((push_sql.TAKEN, over), *([(push_sql.SENT, devices)] if devices else ()))


def _record_failures(outcomes: Collection[Outcome], now: datetime) -> list[int]:
    """Postpone pushes that must wait, and end devices that are gone; returns the deliveries to drop."""
    dropped: list[int] = []
    ended: dict[str, list[int]] = defaultdict(list)
    later: list[tuple[int, float, bool]] = []
    attempts = dict(
        PushDelivery.objects.filter(pk__in=[one.outgoing.delivery_id for one in outcomes]).values_list("pk", "attempts")
    )
    for one in outcomes:
        delivery = one.outgoing.delivery_id
        reason = reason_of(one)
        _count(metrics.PUSHES_FAILED.labels(reason), 1)
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
    for reason, subscriptions in ended.items():
        _end(subscriptions, reason)
    _put_off(later, now)
    return dropped


def reason_of(one: Outcome) -> str:
    """Why the push was not accepted, as a metric's label; empty if it was accepted."""
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
    # A redirect, or a request that is permanently wrong.
    return "redirect" if one.status < 400 else "refused"


def _wait(attempts: int, retry_after: float | None) -> float:
    wait = RETRY_SECONDS * float(2 ** min(attempts, 10))
    return min(max(wait, retry_after or 0.0), RETRY_MAX_SECONDS)


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


# --- Metrics -------------------------------------------------------------------------------------------


def _count(counter: Counter, number: int) -> None:
    """Count when the transaction commits: after a rollback, the same outcomes are recorded again."""
    if number:
        transaction.on_commit(partial(counter.inc, number))


def _observe(delays: Iterable[float]) -> None:
    for seconds in delays:
        metrics.PUSH_DELAY.observe(max(seconds, 0.0))
