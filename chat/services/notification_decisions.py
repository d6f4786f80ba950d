"""Reads new and changed messages, and decides whom they reach: notifications, and pushes to their devices.

Nothing is written while posting: the cursor of each room (`NotificationCursor`) and its numbers say what is new.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat import metrics
from chat.models import (
    CONVERSATIONS,
    Attention,
    Block,
    Membership,
    Mention,
    Message,
    Notification,
    NotificationCursor,
    NotificationWork,
    Preferences,
    Profile,
    PushDelivery,
    PushSubscription,
    Room,
    ServerState,
    level_of,
)
from chat.reaching import CALLS, Place, QuietHours, Reason, Said, Silence, Verdict, Wishes, keyword_in, reach

# Messages of one room, and rooms, in one transaction.
MESSAGES_STEP = 200
ROOMS_STEP = 50
# After this time without a process that reads, what was posted before is not notified any more.
OLD = timedelta(hours=12)


class Heads(dict[int, tuple[int, int]]):
    """(`seq`, `rev`) up to which the messages of a room may be decided, by room id."""


def work_take(process_id: UUID, *, seconds: float) -> bool:
    """Take or renew the work for this process; False while another one has it."""
    now = timezone.now()
    mine = Q(holder=process_id) | Q(holder=None) | Q(expires_at__lte=now)
    taken = NotificationWork.objects.filter(mine, pk=1)
    lease = {"holder": process_id, "expires_at": now + timedelta(seconds=seconds)}
    return bool(taken.update(**lease)) or NotificationWork.objects.get_or_create(pk=1, defaults=lease)[1]


def work_leave(process_id: UUID) -> None:
    """Give the work to the next process that asks."""
    NotificationWork.objects.filter(holder=process_id).update(holder=None, expires_at=None)


def new_heads() -> Heads:
    """The numbers of the rooms that have something that was not decided yet. One query."""
    rows = (
        Room.objects.annotate(
            done_seq=Coalesce(F("notification_cursor__seq"), 0), done_rev=Coalesce(F("notification_cursor__rev"), 0)
        )
        .filter(Q(last_seq__gt=F("done_seq")) | Q(last_rev__gt=F("done_rev")))
        .order_by()
        .values_list("pk", "last_seq", "last_rev")
    )
    return Heads({room_id: (seq, rev) for room_id, seq, rev in rows})


@transaction.atomic
def heads_decide(heads: Heads, *, process_id: UUID, before: datetime | None = None) -> frozenset[int] | None:
    """Decide the messages up to `heads`; returns the rooms that have more of them than one transaction takes. None:
    another process has taken the work, and nothing was done.

    `before`: only messages that were posted before it.
    """
    work = NotificationWork.objects.select_for_update().get(pk=1)
    if work.holder != process_id:
        return None
    epoch = ServerState.objects.get(pk=ServerState.SINGLETON).epoch
    if work.epoch != epoch:
        _begin_epoch(work, epoch, known=work.epoch is not None)
        if work.epoch is not None:
            return frozenset()
    return _Decisions(heads, before).write()


def _begin_epoch(work: NotificationWork, epoch: UUID, *, known: bool) -> None:
    """A backup was restored: nothing that is in it is notified again."""
    NotificationWork.objects.filter(pk=work.pk).update(epoch=epoch)
    if not known:
        return
    Notification.objects.all().delete()
    PushDelivery.objects.all().delete()
    cursors = [NotificationCursor(room_id=pk, seq=seq, rev=rev) for pk, (seq, rev) in new_heads().items()]
    _save_cursors(cursors)


def _save_cursors(cursors: Iterable[NotificationCursor]) -> None:
    NotificationCursor.objects.bulk_create(
        cursors, update_conflicts=True, unique_fields=["room"], update_fields=["seq", "rev"], batch_size=500
    )


@dataclass(frozen=True, slots=True)
class _Member:
    """A member who can be reached, as far as the decisions need them."""

    user_id: int
    level: str
    muted: bool
    read_seq: int


@dataclass(frozen=True, slots=True)
class _Person:
    """What a person chose for all rooms."""

    wishes: Wishes
    keywords: tuple[str, ...] = ()
    devices: tuple[int, ...] = ()


@dataclass
class _Decisions:
    heads: Heads
    before: datetime | None
    now: datetime = field(default_factory=timezone.now)

    def write(self) -> frozenset[int]:
        cursors = {one.room_id: one for one in NotificationCursor.objects.filter(pk__in=self.heads)}
        self.cursors = {pk: cursors.get(pk) or NotificationCursor(room_id=pk) for pk in self.heads}
        self.members = self._members()
        self.done = {pk: (one.seq, one.rev) for pk, one in self.cursors.items()}
        rows = self._messages() if self._any_reachable() else []
        fresh = [row for row in rows if row["seq"] > self.done[row["room_id"]][0]]
        changed = [row for row in rows if row["seq"] <= self.done[row["room_id"]][0]]
        self._advance(fresh)
        self._withdraw(changed)
        self._notify(fresh, [row for row in changed if not row["deleted_at"]])
        _save_cursors(self.cursors.values())
        return (
            frozenset()
            if self.before
            else frozenset(pk for pk, one in self.cursors.items() if one.seq < self.heads[pk][0])
        )

    def _any_reachable(self) -> bool:
        return any(self.members.values()) or Notification.objects.filter(room__in=self.heads).exists()

    def _members(self) -> Mapping[int, list[_Member]]:
        rows = reachable(Membership.objects.filter(room__in=self.heads)).values_list(
            "room_id", "user_id", "notify", "loud", "muted", "read_seq", "back_from_seq"
        )
        found: defaultdict[int, list[_Member]] = defaultdict(list)
        for room_id, user_id, notify, loud, muted, read_seq, back_from in rows:
            found[room_id].append(_Member(user_id, level_of(notify, loud), muted, max(read_seq, back_from)))
        return found

    def _messages(self) -> list[dict[str, Any]]:
        """New messages, in order, and those that were edited or deleted since."""
        wanted = []
        for room_id, (seq, rev) in self.heads.items():
            done_seq, done_rev = self.done[room_id]
            upto = min(seq, done_seq + MESSAGES_STEP)
            wanted.append(Q(room_id=room_id, seq__gt=done_seq, seq__lte=upto))
            if done_seq:
                changed = Q(edited_at__isnull=False) | Q(deleted_at__isnull=False)
                wanted.append(Q(changed, room_id=room_id, rev__gt=done_rev, rev__lte=rev, seq__lte=done_seq))
        rows = Message.objects.filter(reduce(or_, wanted)).order_by("room_id", "seq")
        fields = ("id", "room_id", "seq", "rev", "author_id", "kind", "text", "created_at", "edited_at", "deleted_at")
        return list(rows.values(*fields, kind_of_room=F("room__kind")))

    def _advance(self, fresh: list[dict[str, Any]]) -> None:
        """Move the cursors, and leave out what is too young."""
        for room_id, (seq, rev) in self.heads.items():
            cursor = self.cursors[room_id]
            cursor.rev = max(cursor.rev, rev)
            cursor.seq = max(cursor.seq, min(seq, cursor.seq + MESSAGES_STEP) if self.members.get(room_id) else seq)
        if self.before is None:
            return
        young: dict[int, int] = {}
        for row in fresh:
            if row["created_at"] > self.before:
                young.setdefault(row["room_id"], row["seq"])
        for room_id, seq in young.items():
            self.cursors[room_id].seq = seq - 1
            # The changes are looked at again with the message.
            self.cursors[room_id].rev = self.done[room_id][1]
        fresh[:] = [row for row in fresh if row["seq"] < young.get(row["room_id"], row["seq"] + 1)]

    def _withdraw(self, changed: list[dict[str, Any]]) -> None:
        """Of what was deleted, or calls the person no longer, nothing is sent, and what was shown is closed."""
        if not changed:
            return
        places = reduce(or_, (Q(room_id=row["room_id"], seq=row["seq"]) for row in changed))
        deleted = {(row["room_id"], row["seq"]) for row in changed if row["deleted_at"]}
        named = {(one.room_id, one.seq, one.user_id) for one in Mention.objects.filter(places)}
        over = [
            one
            for one in Notification.objects.filter(places)
            if (one.room_id, one.seq) in deleted
            or (one.reason == Reason.MENTION and (one.room_id, one.seq, one.user_id) not in named)
        ]
        notifications_close(over, now=self.now)

    def _notify(self, fresh: list[dict[str, Any]], edited: list[dict[str, Any]]) -> None:
        rows = [row for row in fresh if self.members.get(row["room_id"]) and row["created_at"] > self.now - OLD]
        edited = [row for row in edited if self.members.get(row["room_id"])]
        if not rows and not edited:
            return
        mentions: defaultdict[int, set[int]] = defaultdict(set)
        for message_id, user_id in Mention.objects.filter(message__in=[row["id"] for row in rows + edited]).values_list(
            "message_id", "user_id"
        ):
            mentions[message_id].add(user_id)
        self.people = self._people({one.user_id for row in rows + edited for one in self.members[row["room_id"]]})
        authors = {row["author_id"] for row in rows + edited}
        blocks = Block.objects.filter(user__in=self.people, blocked__in=authors)
        self.blocks = set(blocks.values_list("user_id", "blocked_id"))
        known = set()
        if edited:
            places = reduce(or_, (Q(room_id=row["room_id"], seq=row["seq"]) for row in edited))
            known = set(Notification.objects.filter(places).values_list("room_id", "seq", "user_id"))
        made: list[tuple[Notification, Verdict]] = []
        for row in rows:
            made += self._decide(row, mentions[row["id"]])
        for row in edited:
            found = self._decide(row, mentions[row["id"]])
            made += [
                (one, verdict)
                for one, verdict in found
                if verdict.reason is Reason.MENTION and (one.room_id, one.seq, one.user_id) not in known
            ]
        self._save(made)

    def _decide(self, row: dict[str, Any], mentioned: set[int]) -> list[tuple[Notification, Verdict]]:
        direct = row["kind_of_room"] in CONVERSATIONS
        made = []
        for member in self.members[row["room_id"]]:
            person = self.people[member.user_id]
            level = person.wishes.level if member.level == "default" else member.level
            called = direct or member.user_id in mentioned
            if not called and level != "all" and not person.keywords:
                continue
            said = Said(
                own=row["author_id"] == member.user_id,
                text=row["kind"] == Message.Kind.TEXT,
                deleted=row["deleted_at"] is not None,
                direct=direct,
                mentioned=member.user_id in mentioned,
                keyword=not called and keyword_in(row["text"], person.keywords),
            )
            place = Place(
                level=member.level,
                muted=member.muted,
                blocks=(member.user_id, row["author_id"]) in self.blocks,
                read=member.read_seq >= row["seq"],
            )
            verdict = reach(said, place, person.wishes)
            called = verdict.reason in CALLS and verdict.silence is not Silence.READ
            # A call is remembered: an edit of it is not another one.
            if called or (verdict.now and person.devices):
                one = Notification(
                    user_id=member.user_id,
                    room_id=row["room_id"],
                    seq=row["seq"],
                    reason=str(verdict.reason),
                    created_at=self.now,
                )
                made.append((one, verdict))
        return made

    def _people(self, user_ids: Collection[int]) -> dict[int, _Person]:
        levels = dict(Preferences.objects.filter(user__in=user_ids).values_list("user_id", "notify"))
        attention = {one.user_id: one for one in Attention.objects.filter(user__in=user_ids).select_related("user")}
        devices: defaultdict[int, list[int]] = defaultdict(list)
        active = PushSubscription.objects.filter(user__in=user_ids, ended_at=None)
        for user_id, pk in active.values_list("user_id", "pk"):
            devices[user_id].append(pk)
        busy = set(
            Profile.objects.filter(user__in=user_ids, presence=Profile.Presence.BUSY).values_list("user_id", flat=True)
        )
        return {
            user_id: _person(
                attention.get(user_id),
                levels.get(user_id, "mentions"),
                tuple(devices[user_id]),
                user_id in busy,
                now=self.now,
            )
            for user_id in user_ids
        }

    def _save(self, made: list[tuple[Notification, Verdict]]) -> None:
        Notification.objects.bulk_create([one for one, _ in made], ignore_conflicts=False, batch_size=500)
        queued = PushDelivery.objects.bulk_create(
            [
                PushDelivery(
                    subscription_id=device,
                    notification=one,
                    room_id=one.room_id,
                    seq=one.seq,
                    created_at=self.now,
                    due_at=self.now,
                )
                for one, verdict in made
                if verdict.now
                for device in self.people[one.user_id].devices
            ],
            batch_size=500,
        )
        metrics.PUSHES_QUEUED.inc(len(queued))


def reachable(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those of active people with a device."""
    device = PushSubscription.objects.filter(user=OuterRef("user"), ended_at=None)
    return memberships.filter(Exists(device), user__is_active=True)


def quiet_hours(attention: Attention) -> QuietHours | None:
    """The person's quiet hours, if they are on."""
    if not attention.quiet:
        return None
    days = frozenset(day for day in range(7) if attention.quiet_days >> day & 1)
    return QuietHours(attention.quiet_start, attention.quiet_end, days, attention.zone)


def wishes_at(attention: Attention | None, level: str, now: datetime) -> Wishes:
    """What the person wishes at this moment. `level`: from their preferences."""
    if attention is None:
        return Wishes(level=level)
    hours = quiet_hours(attention)
    return Wishes(
        level=level,
        threads=attention.threads,
        paused=attention.paused_until is not None and attention.paused_until > now,
        quiet=hours is not None and hours.at(now),
        direct_in_quiet=attention.direct_in_quiet,
    )


def _person(attention: Attention | None, level: str, devices: tuple[int, ...], busy: bool, *, now: datetime) -> _Person:
    wishes = replace(wishes_at(attention, level, now), busy=busy)
    if attention is None:
        return _Person(wishes, devices=devices)
    return _Person(wishes, tuple(attention.keywords), devices)


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


@transaction.atomic
def read_close(*, process_id: UUID) -> int:
    """Withdraw what was read, cleared, or is in a room that the person has left; returns how many deliveries."""
    if not NotificationWork.objects.filter(pk=1, holder=process_id).exists():
        return 0
    unread = Membership.objects.filter(
        user=OuterRef("user"),
        room=OuterRef("room"),
        read_seq__lt=OuterRef("seq"),
        room__cleared_before_seq__lte=OuterRef("seq"),
    )
    open_ones = Notification.objects.filter(
        Q(shown=True) | Exists(PushDelivery.objects.filter(notification=OuterRef("pk")))
    )
    return notifications_close(list(open_ones.exclude(Exists(unread))[:500]), now=timezone.now())
