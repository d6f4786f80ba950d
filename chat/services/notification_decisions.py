"""Reads new and changed messages, and decides whom to notify and which devices get pushes.

Posting writes nothing for this: each room's cursor (`NotificationCursor`) and numbers show what is new.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from chat import metrics
from chat.models import (
    CONVERSATIONS,
    Block,
    Mention,
    Message,
    Notification,
    NotificationCursor,
    PushDelivery,
)
from chat.reaching import CALLS, Place, Reason, Said, Silence, keyword_in, reach
from chat.services.notification_audience import follows_of, members_of, people_of
from chat.services.notification_closing import notifications_close
from chat.services.notification_work import Heads, cursors_save, work_begin
from chat.services.sql_pipeline import FEW, ids_taken, insert_many, inserting, run_together

# Messages per room, and rooms, in one transaction.
MESSAGES_STEP = 200
ROOMS_STEP = 50
# Product of messages and members with a device, in one transaction.
DECISIONS_STEP = 20_000
# Older messages cause no notification: no process read them in time, or they were edited since.
OLD = timedelta(hours=12)
_NEWS = str(PushDelivery.Kind.NOTIFICATION)
# Raw SQL: a message in a room of hundreds of people creates hundreds of rows in both tables.
_NOTIFICATIONS = inserting(
    Notification._meta.db_table,
    {
        "id": "bigint",
        "user_id": "bigint",
        "room_id": "bigint",
        "seq": "bigint",
        "thread": "bigint",
        "reason": "text",
        "created_at": "timestamptz",
        "shown": "boolean",
        "mail": "boolean",
    },
)
_QUEUE = inserting(
    PushDelivery._meta.db_table,
    {
        "subscription_id": "bigint",
        "kind": "text",
        "notification_id": "bigint",
        "room_id": "bigint",
        "seq": "bigint",
        "created_at": "timestamptz",
        "due_at": "timestamptz",
        "attempts": "smallint",
        "short": "boolean",
    },
)


@transaction.atomic
def heads_decide(heads: Heads, *, process_id: UUID, before: datetime | None = None) -> frozenset[int] | None:
    """Decide the messages up to `heads`; returns the rooms that have more than one transaction takes. None: another
    process has taken over the work, and nothing was done.

    `before`: only messages that were posted before this time.
    """
    if not work_begin(process_id):
        return None
    return _Decisions(heads, before).write()


@dataclass(frozen=True, slots=True)
class _Made:
    """A notification, and the devices that get a push."""

    user_id: int
    room_id: int
    seq: int
    thread: int | None
    reason: str
    mail: bool
    devices: list[int]


@dataclass
class _Decisions:
    heads: Heads
    before: datetime | None
    now: datetime = field(default_factory=timezone.now)

    def write(self) -> frozenset[int]:
        cursors = {one.room_id: one for one in NotificationCursor.objects.filter(pk__in=self.heads)}
        self.cursors = {pk: cursors.get(pk) or NotificationCursor(room_id=pk) for pk in self.heads}
        self.members = members_of(self.heads)
        # Fewer messages at a time in a large room: on SQLite a transaction blocks other writers.
        self.step = max(1, min(MESSAGES_STEP, DECISIONS_STEP // max(sum(map(len, self.members.values())), 1)))
        self._pass_over_old()
        self.done = {pk: (one.seq, one.rev) for pk, one in self.cursors.items()}
        rows = self._messages() if self._any_reachable() else []
        fresh = [row for row in rows if row["seq"] > self.done[row["room_id"]][0]]
        changed = [row for row in rows if row["seq"] <= self.done[row["room_id"]][0]]
        self._advance(fresh)
        self._withdraw(changed)
        self._notify(fresh, [row for row in changed if not row["deleted_at"]])
        cursors_save(self.cursors.values())
        return (
            frozenset()
            if self.before
            else frozenset(pk for pk, one in self.cursors.items() if one.seq < self.heads[pk][0])
        )

    def _any_reachable(self) -> bool:
        return any(self.members.values()) or Notification.objects.filter(room__in=self.heads).exists()

    def _pass_over_old(self) -> None:
        """In a room that was not read for a long time, skip messages that are OLD: there may be years of them."""
        for room_id, (seq, rev) in self.heads.items():
            cursor = self.cursors[room_id]
            if not self.members.get(room_id) or seq - cursor.seq <= MESSAGES_STEP:
                continue
            past = Message.objects.filter(room_id=room_id, seq__gt=cursor.seq, created_at__lte=self.now - OLD)
            newest = past.order_by("-seq").values_list("seq", flat=True).first()
            if newest is not None:
                cursor.seq, cursor.rev = newest, rev

    def _messages(self) -> list[dict[str, Any]]:
        """New messages in order, and those that were edited or deleted since."""
        wanted = []
        for room_id, (seq, rev) in self.heads.items():
            done_seq, done_rev = self.done[room_id]
            upto = min(seq, done_seq + self.step)
            wanted.append(Q(room_id=room_id, seq__gt=done_seq, seq__lte=upto))
            if done_seq:
                changed = Q(edited_at__isnull=False) | Q(deleted_at__isnull=False)
                wanted.append(Q(changed, room_id=room_id, rev__gt=done_rev, rev__lte=rev, seq__lte=done_seq))
        rows = Message.objects.filter(reduce(or_, wanted)).order_by("room_id", "seq")
        fields = ("id", "room_id", "seq", "rev", "author_id", "kind", "text", "created_at", "edited_at", "deleted_at")
        return list(rows.values(*fields, "thread", "in_room", kind_of_room=F("room__kind")))

    def _advance(self, fresh: list[dict[str, Any]]) -> None:
        """Move the cursors, and drop messages that are too recent from `fresh`."""
        for room_id, (seq, rev) in self.heads.items():
            cursor = self.cursors[room_id]
            cursor.rev = max(cursor.rev, rev)
            cursor.seq = max(cursor.seq, min(seq, cursor.seq + self.step) if self.members.get(room_id) else seq)
        if self.before is None:
            return
        young: dict[int, int] = {}
        for row in fresh:
            if row["created_at"] > self.before:
                young.setdefault(row["room_id"], row["seq"])
        for room_id, seq in young.items():
            self.cursors[room_id].seq = seq - 1
            # The changes are read again together with the message.
            self.cursors[room_id].rev = self.done[room_id][1]
        fresh[:] = [row for row in fresh if row["seq"] < young.get(row["room_id"], row["seq"] + 1)]

    def _withdraw(self, changed: list[dict[str, Any]]) -> None:
        """Withdraw and close notifications about messages that were deleted, or no longer mention the person."""
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
        edited = [row for row in edited if self.members.get(row["room_id"]) and row["created_at"] > self.now - OLD]
        if not rows and not edited:
            return
        mentions: defaultdict[int, set[int]] = defaultdict(set)
        for message_id, user_id in Mention.objects.filter(message__in=[row["id"] for row in rows + edited]).values_list(
            "message_id", "user_id"
        ):
            mentions[message_id].add(user_id)
        audience = {one.user_id for row in rows + edited for one in self.members[row["room_id"]]}
        self.people = people_of(audience, now=self.now)
        authors = {row["author_id"] for row in rows + edited}
        blocks = Block.objects.filter(user__in=self.people, blocked__in=authors)
        self.blocks = set(blocks.values_list("user_id", "blocked_id"))
        self.follows = follows_of({(row["room_id"], row["thread"]) for row in rows + edited if row["thread"]})
        known = set()
        if edited:
            places = reduce(or_, (Q(room_id=row["room_id"], seq=row["seq"]) for row in edited))
            known = set(Notification.objects.filter(places).values_list("room_id", "seq", "user_id"))
        made: list[_Made] = []
        for row in rows:
            made += self._decide(row, mentions[row["id"]])
        for row in edited:
            found = self._decide(row, mentions[row["id"]])
            made += [
                one
                for one in found
                if one.reason == Reason.MENTION and (one.room_id, one.seq, one.user_id) not in known
            ]
        self._save(made)

    def _decide(self, row: dict[str, Any], mentioned: set[int]) -> list[_Made]:
        direct = row["kind_of_room"] in CONVERSATIONS
        made = []
        for member in self.members[row["room_id"]]:
            person = self.people[member.user_id]
            level = person.wishes.level if member.level == "default" else member.level
            called = direct or member.user_id in mentioned
            follow = self.follows.get((row["room_id"], row["thread"], member.user_id)) if row["thread"] else None
            followed = follow is not None and follow.following
            if not called and not followed and level != "all" and not person.keywords:
                continue
            said = Said(
                own=row["author_id"] == member.user_id,
                text=row["kind"] == Message.Kind.TEXT,
                deleted=row["deleted_at"] is not None,
                direct=direct,
                mentioned=member.user_id in mentioned,
                keyword=not called and keyword_in(row["text"], person.keywords),
                followed=followed,
                in_room=row["in_room"],
            )
            # Followers read a reply that the room does not show in its thread.
            read_seq = member.read_seq if row["in_room"] or follow is None else follow.read_seq
            place = Place(
                level=member.level,
                muted=member.muted,
                blocks=(member.user_id, row["author_id"]) in self.blocks,
                read=read_seq >= row["seq"],
            )
            verdict = reach(said, place, person.wishes)
            called = verdict.reason in CALLS and verdict.silence is not Silence.READ
            devices = [one.subscription_id for one in person.devices if one.since <= row["created_at"]]
            # Store a call even without a device, so that an edit does not notify again.
            if called or (verdict.now and devices):
                made.append(
                    _Made(
                        user_id=member.user_id,
                        room_id=row["room_id"],
                        seq=row["seq"],
                        thread=None if row["in_room"] else row["thread"],
                        reason=str(verdict.reason),
                        mail=verdict.by_mail and person.mails,
                        devices=devices if verdict.now else [],
                    )
                )
        return made

    def _save(self, made: list[_Made]) -> None:
        if not made:
            return
        at = str(connection.ops.adapt_datetimefield_value(self.now))
        notifications, queued = [], []
        for pk, one in zip(ids_taken(Notification, len(made)), made, strict=True):
            place = one.room_id, one.seq
            notifications.append((pk, one.user_id, *place, one.thread, one.reason, at, False, one.mail))
            queued += [(device, _NEWS, pk, *place, at, at, 0, False) for device in one.devices]
        write = insert_many if len(made) > FEW else run_together
        write((_NOTIFICATIONS, notifications), *([(_QUEUE, queued)] if queued else ()))
        transaction.on_commit(partial(metrics.PUSHES_QUEUED.inc, len(queued)))
