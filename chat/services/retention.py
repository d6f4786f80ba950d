"""Retention: messages that are older than the rule of their room or server become deleted messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chat.models import AuditEntry, Message, Room
from chat.services.audit import audit
from chat.services.emptying import messages_empty
from chat.services.legal_holds import held

# A transaction of this size holds the room's lock for about 50 ms, in which no one else can write in the room.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Due:
    """What a room's rule would empty: `count` of its `total` messages, those before `before`. `days`: the rule. `held`:
    the number of older messages that a legal hold keeps."""

    room: Room
    days: int
    before: datetime
    count: int
    total: int
    held: int

    @property
    def all(self) -> bool:
        """Whether no message would remain."""
        return 0 < self.count == self.total


def keep_days(room: Room) -> int:
    """How many days the room keeps its messages: the shorter one of its own rule and the server's; 0: unlimited."""
    rules = [days for days in (room.keep_days, settings.CHAT_KEEP_DAYS) if days]
    return min(rules, default=0)


def retention_due() -> Iterator[Due]:
    """The rooms with messages that are older than the rule, by slug."""
    rooms = Room.objects.order_by("slug")
    for room in rooms if settings.CHAT_KEEP_DAYS else rooms.filter(keep_days__gt=0):
        days = keep_days(room)
        before = timezone.now() - timedelta(days=days)
        old = _kept(room).filter(created_at__lt=before)
        count = old.exclude(held()).count()
        kept_by_hold = old.filter(held()).count()
        if count or kept_by_hold:
            yield Due(room, days, before, count, _kept(room).count(), kept_by_hold)


def retention_apply(due: Due, *, actor: str) -> Iterator[int]:
    """Empty the due messages, oldest first, in small batches; yields the number after each. Can be interrupted at any
    time; the next run continues."""
    done = 0
    try:
        while messages := list(_old(due)[:BATCH]):
            messages_empty(due.room, messages)
            done += len(messages)
            yield len(messages)
    finally:
        if done:
            act = AuditEntry.Action.RETENTION
            audit(actor=actor, action=act, room=due.room.slug, messages=done, keep_days=due.days)


def _old(due: Due) -> QuerySet[Message]:
    return _kept(due.room).filter(created_at__lt=due.before).exclude(held()).order_by("seq")


def _kept(room: Room) -> QuerySet[Message]:
    # System lines stay: they report who joined and left, and are not anyone's words.
    return Message.objects.filter(room=room, deleted_at=None).exclude(kind=Message.Kind.SYSTEM)
