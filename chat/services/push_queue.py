"""The pushes that are still to be sent: what each says, and what follows from the answer of its push service."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat import metrics
from chat.formatting.tree import parse, plain
from chat.lib import web_push
from chat.models import (
    CONVERSATIONS,
    Attention,
    Membership,
    Message,
    Notification,
    PushDelivery,
    PushSubscription,
    Room,
)
from chat.queries.readable import readable_by
from chat.reaching import CALLS
from chat.services.push_subscriptions import end_invalid, private_key_of

logger = logging.getLogger(__name__)

# Seconds for which a push service keeps a notification for a device that is off, and one that closes it.
TTL_SECONDS = 12 * 3600
READ_TTL_SECONDS = 3600
# A push that could not be sent in this time is given up.
GIVEN_UP = timedelta(seconds=TTL_SECONDS)
# Seconds until the second attempt; each further one waits twice as long, up to an hour, or as the push service asks.
RETRY_SECONDS = 15.0
RETRY_MAX_SECONDS = 3600.0
# Seconds until a refusal of our signature is tried again: the operator has to act.
OUR_FAULT_SECONDS = 900.0
BODY_CHARS = 120
# Safari withdraws the permission of a page whose pushes show nothing: it is sent none that close a notification.
_ALWAYS_SHOWN = ("web.push.apple.com",)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A push, ready to be encrypted and sent."""

    delivery_id: int
    subscription_id: int
    endpoint: str
    recipient: web_push.Recipient
    private_key: str
    text: bytes
    ttl: int
    urgency: str
    topic: str | None
    created_at: datetime = field(compare=False)


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
    return _Written(left).outgoing()


def test_pushes(devices: Iterable[PushSubscription]) -> list[Outgoing]:
    """A test for each of these devices, which is in no queue."""
    now = timezone.now()
    kind = PushDelivery.Kind.TEST
    return _Written([PushDelivery(pk=0, subscription=one, kind=kind, created_at=now) for one in devices]).outgoing()


def _pointless(due: list[PushDelivery], now: datetime) -> set[int]:
    ended = end_invalid({one.subscription_id: one.subscription for one in due}.values())
    gone = {one.pk for one in due if one.subscription_id in ended or one.subscription.ended_at}
    late = {one.pk for one in due if one.created_at < now - GIVEN_UP} - gone
    metrics.PUSHES_FAILED.labels("late").inc(len(late))
    # Of several that wait for one device after a failure the newest of each room is enough: it replaces the others, but
    # no reminder.
    news = [one for one in due if one.kind != PushDelivery.Kind.REMINDER]
    newest: dict[tuple[int, int | None], int] = {}
    for one in news:
        newest[one.subscription_id, one.room_id] = one.pk
    replaced = (
        {one.pk for one in news if one.attempts and newest[one.subscription_id, one.room_id] != one.pk} - gone - late
    )
    metrics.PUSHES_WITHDRAWN.labels("replaced").inc(len(replaced))
    return gone | late | replaced


class _Written:
    """Writes the texts of pushes, with a constant number of queries."""

    def __init__(self, due: list[PushDelivery]) -> None:
        self._due = due
        news = [one for one in due if one.kind == PushDelivery.Kind.NOTIFICATION]
        self._reminders = [one for one in due if one.kind == PushDelivery.Kind.REMINDER]
        self._messages = _messages({(one.room_id, one.seq) for one in [*news, *self._reminders]})
        people = {one.subscription.user_id for one in due}
        self._shown = dict(Attention.objects.filter(user__in=people).values_list("user_id", "shown"))
        self._unread = _unread(news)
        self._readable = _readable(self._reminders)
        # Of a message that goes to many devices, by language.
        self._titles: dict[tuple[int, str], str] = {}
        self._excerpts: dict[int, str] = {}

    def outgoing(self) -> list[Outgoing]:
        made, lost, read = [], [], []
        for one in self._due:
            private_key = private_key_of(one.subscription.public_key)
            if private_key is None:
                lost.append(one)
            elif not self._wanted(one):
                read.append(one)
            else:
                made.append(self._one(one, private_key))
        if lost:
            logger.warning("%d devices were registered with another CHAT_PUSH_KEY, and are ended.", len(lost))
            _end([one.subscription_id for one in lost], "key")
        PushDelivery.objects.filter(pk__in=[one.pk for one in read]).delete()
        metrics.PUSHES_WITHDRAWN.labels("read").inc(len(read))
        return made

    def _wanted(self, one: PushDelivery) -> bool:
        if one.kind == PushDelivery.Kind.READ:
            return _host(one.subscription.endpoint) not in _ALWAYS_SHOWN
        if one.kind == PushDelivery.Kind.REMINDER:
            return (one.room_id, one.seq) in self._messages and one.pk in self._readable
        return one.kind == PushDelivery.Kind.TEST or (
            (one.room_id, one.seq) in self._messages and one.pk in self._unread
        )

    def _one(self, one: PushDelivery, private_key: str) -> Outgoing:
        device, news = one.subscription, one.kind == PushDelivery.Kind.NOTIFICATION
        asked = one.kind in (PushDelivery.Kind.TEST, PushDelivery.Kind.REMINDER)
        with translation.override(device.language):
            facts = self._facts(one)
        urgent = news and one.notification is not None and one.notification.reason in CALLS
        return Outgoing(
            delivery_id=one.pk,
            subscription_id=device.pk,
            endpoint=device.endpoint,
            recipient=web_push.Recipient(device.p256dh, device.auth),
            private_key=private_key,
            text=web_push.payload(facts),
            ttl=READ_TTL_SECONDS if one.kind in (PushDelivery.Kind.READ, PushDelivery.Kind.TEST) else TTL_SECONDS,
            urgency="high" if urgent or asked else "normal" if news else "low",
            # What has one topic replaces what waits at the push service under it: a reminder stands for itself.
            topic=web_push.topic_of(one.room.slug, settings.SECRET_KEY) if one.room and not asked else None,
            created_at=one.created_at,
        )

    def _facts(self, one: PushDelivery) -> dict[str, Any]:
        if one.kind == PushDelivery.Kind.TEST:
            url = reverse("chat:settings") + "#notifications"
            facts = {"title": _("Notifications work on this device."), "seq": 0, "url": url, "tag": "test"}
            return {"type": "notification", "room": "", **facts}
        assert one.room
        if one.kind == PushDelivery.Kind.READ:
            return {"type": "read", "room": one.room.slug, "seq": one.seq}
        said = self._messages[one.room_id, one.seq]
        shown = self._shown.get(one.subscription.user_id, Attention.Shown.ALL)
        url = f"{reverse('chat:room', args=[one.room.slug])}#m{one.seq}"
        if one.kind == PushDelivery.Kind.REMINDER:
            return self._reminder(one, one.room, said, shown, url)
        facts = {
            "type": "notification",
            "room": one.room.slug,
            "title": self._title(one.room, said) if shown != Attention.Shown.NOTHING else _("New message"),
            "seq": one.seq,
            "url": url,
            "tag": f"room-{one.room.slug}",
            # The buttons of the notification, in the language of the device.
            "words": {"reply": _("Reply"), "read": _("Mark as read")},
        }
        if shown == Attention.Shown.ALL and not one.short:
            facts["body"] = self._excerpt(said)
        return facts

    def _reminder(self, one: PushDelivery, room: Room, said: Message, shown: str, url: str) -> dict[str, Any]:
        title = _("Reminder")
        if shown != Attention.Shown.NOTHING:
            title = _("Reminder: %(title)s") % {"title": self._title(room, said)}
        tag = f"reminder-{room.slug}-{one.seq}"
        facts = {"type": "notification", "room": room.slug, "title": title, "seq": one.seq, "url": url, "tag": tag}
        return facts | ({"body": self._excerpt(said)} if shown == Attention.Shown.ALL and not one.short else {})

    def _title(self, room: Room, said: Message) -> str:
        place = said.pk, translation.get_language()
        if place not in self._titles:
            self._titles[place] = title_of(room, said)
        return self._titles[place]

    def _excerpt(self, said: Message) -> str:
        if said.pk not in self._excerpts:
            self._excerpts[said.pk] = excerpt(said.text)
        return self._excerpts[said.pk]


def title_of(room: Room, said: Message) -> str:
    """Who wrote it, and where."""
    name = said.author.told_name
    if room.kind in CONVERSATIONS:
        return name
    return _("%(name)s in %(room)s") % {"name": name, "room": f"#{room.title or room.slug}"}


def excerpt(text: str) -> str:
    """The beginning of a text without its marks, in one line."""
    line = " ".join(plain(parse(text, None)).split())
    return line if len(line) <= BODY_CHARS else line[: BODY_CHARS - 1].rstrip() + "…"


def _messages(places: set[tuple[int | None, int]]) -> dict[tuple[int | None, int], Message]:
    if not places:
        return {}
    wanted = reduce(or_, (Q(room_id=room_id, seq=seq) for room_id, seq in places))
    rows = Message.objects.filter(wanted, deleted_at=None).select_related("author")
    return {(row.room_id, row.seq): row for row in rows}


def _unread(news: list[PushDelivery]) -> set[int]:
    """The deliveries whose message its reader still has to read."""
    if not news:
        return set()
    members = Membership.objects.filter(
        user__in={one.subscription.user_id for one in news}, room__in={one.room_id for one in news}
    ).values_list("user_id", "room_id", "read_seq", "room__cleared_before_seq")
    marks = {(user_id, room_id): (read, cleared) for user_id, room_id, read, cleared in members}
    found = set()
    for one in news:
        read, cleared = marks.get((one.subscription.user_id, one.room_id or 0), (one.seq, 0))
        if read < one.seq and cleared <= one.seq:
            found.add(one.pk)
    return found


def _readable(reminders: list[PushDelivery]) -> set[int]:
    """The reminders whose message the person may still read."""
    found = set()
    for one in reminders:
        room = Room.objects.filter(
            readable_by(one.subscription.user), pk=one.room_id or 0, cleared_before_seq__lte=one.seq
        )
        if room.exists():
            found.add(one.pk)
    return found


def _host(endpoint: str) -> str:
    return endpoint.partition("://")[2].partition("/")[0]


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
