"""Messages that are to be sent later."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.models.participants import Participant


class ScheduledMessage(models.Model):
    """A message that waits for its moment. The row is deleted when the message was posted."""

    class State(models.TextChoices):
        """Waits; is being posted, also when the process that did it has died; was refused, with the reason."""

        WAITING = "waiting"
        SENDING = "sending"
        REFUSED = "refused"

    # Those that are sent when they are due.
    OPEN: ClassVar = (State.WAITING, State.SENDING)

    # The message is posted under a `client_id` of it: after a crash it is not posted again.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    # None: the room was deleted.
    room = models.ForeignKey("chat.Room", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(blank=True)
    reply_to = models.PositiveBigIntegerField(null=True, blank=True)
    # The root of the thread in which it replies, and whether the room shows it as well.
    thread = models.PositiveBigIntegerField(null=True, blank=True)
    in_room = models.BooleanField(default=True, db_default=True)
    # Keys of files.
    files = models.JSONField(default=list, blank=True)
    # The moment as it was chosen: the time of a clock, its zone, and which of two when the clock shows it twice.
    local = models.CharField(max_length=19)
    zone = models.CharField(max_length=64)
    fold = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    # Why it was refused: the code and the sentence.
    code = models.CharField(max_length=20, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "refused"]), name="scheduled_state_known"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["waiting", "sending"]), name="scheduled_due"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.due_at}"

    @property
    def client_id(self) -> str:
        """The `client_id` of its post."""
        return f"scheduled:{self.key.hex}"
