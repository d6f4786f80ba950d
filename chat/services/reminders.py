"""Reminders of saved messages: the process with the notification work sends each once, when it is due."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.models import PushDelivery, PushSubscription, SavedMessage
from chat.queries.saved import readable_states, saved_event
from chat.services.notification_work import work_begin
from chat.services.publishing import tell_person

# Reminders per transaction.
STEP = 100


@transaction.atomic
def reminders_send(*, process_id: UUID, now: datetime | None = None) -> int:
    """Send due reminders to the person's open sockets, and as pushes to their devices; returns the number. Marks and
    pushes are in one transaction: a process that ends before its commit has sent nothing, and after it everything."""
    now = now or timezone.now()
    due = SavedMessage.objects.filter(remind_at__lte=now)
    if not due.exists() or not work_begin(process_id):
        return 0
    rows = list(
        due.select_related("user", "message__room").select_for_update(of=("self",)).order_by("remind_at")[:STEP]
    )
    people: dict[int, list[SavedMessage]] = {}
    for row in rows:
        row.remind_at, row.reminded_at = None, now
        people.setdefault(row.user_id, []).append(row)
    SavedMessage.objects.bulk_update(rows, ["remind_at", "reminded_at"])
    for user_id, own in people.items():
        states = readable_states(own[0].user, own) if own[0].user.is_active else {}
        for row in own:
            state = states.get(row.message_id)
            tell_person(user_id, saved_event(row).model_copy(update={"reminded": True, "message": state}))
        _push(user_id, [row for row in own if row.message_id in states], now)
    return len(rows)


def _push(user_id: int, rows: list[SavedMessage], now: datetime) -> None:
    if not rows:
        return
    devices = PushSubscription.objects.filter(user=user_id, ended_at=None).values_list("pk", flat=True)
    PushDelivery.objects.bulk_create(
        PushDelivery(
            subscription_id=device,
            kind=PushDelivery.Kind.REMINDER,
            room_id=row.message.room_id,
            seq=row.message.seq,
            created_at=now,
            due_at=now,
        )
        for row in rows
        for device in devices
    )
