"""Checks in one round trip whether notifications have work: it runs each second while messages are posted."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from chat.lib.prepared_queries import PreparedRows, moments
from chat.models import PushDelivery, SavedMessage
from chat.services.notification_closing import notifications_over
from chat.services.notification_work import Heads, rooms_new
from chat.services.sql_pipeline import select_together


class Look(NamedTuple):
    """The result of the check."""

    # See `notification_work.new_heads`.
    heads: Heads
    # Whether there are notifications to close, see `notification_closing.read_close`.
    over: bool
    # Whether reminders are due, see `reminders.reminders_send`.
    reminders: bool
    # Whether pushes are due, judged by their time only, see `push_queue.pushes_due`.
    pushes: bool


def work_look(*, now: datetime | None = None) -> Look:
    """Check everything. Takes no lock: on SQLite posting would wait for it."""
    now = now or timezone.now()
    asked = (_NEW.statement(), _OVER.statement(), _REMINDERS.statement(now), _PUSHES.statement(now))
    heads, over, reminders, pushes = select_together(*asked)
    found = Heads({room_id: (seq, rev) for room_id, seq, rev in heads})
    return Look(found, bool(over), bool(reminders), bool(pushes))


_NEW = PreparedRows(rooms_new)
_OVER = PreparedRows(lambda: notifications_over()[:1])
_REMINDERS = PreparedRows(
    lambda now: SavedMessage.objects.filter(remind_at__lte=now).order_by().values_list("pk")[:1], moments(0)
)
_PUSHES = PreparedRows(lambda now: PushDelivery.objects.filter(due_at__lte=now).values_list("pk")[:1], moments(0))
