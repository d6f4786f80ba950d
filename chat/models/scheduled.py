"""Messages that are to be sent later."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.models.participants import Participant


class ScheduledMessage(models.Model):
    """A message that is posted later. The row is deleted when the message has been posted."""

    class State(models.TextChoices):
        """Waiting; being posted, also after the posting process has died; refused, with the reason."""

        WAITING = "waiting"
        SENDING = "sending"
        REFUSED = "refused"

    # States that are posted when due.
    OPEN: ClassVar = (State.WAITING, State.SENDING)

    # The `client_id` of the post derives from it: after a crash the message is not posted twice.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    # None: the room was deleted.
    room = models.ForeignKey("chat.Room", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(blank=True)
    reply_to = models.PositiveBigIntegerField(null=True, blank=True)
    # The root of the thread that it replies in, and whether the room shows the reply as well.
    thread = models.PositiveBigIntegerField(null=True, blank=True)
    in_room = models.BooleanField(default=True, db_default=True)
    # Keys of files.
    files = models.JSONField(default=list, blank=True)
    # The time as chosen: the local time, its zone, and which of the two if the clock shows that time twice.
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
        """The `client_id` of the message it posts."""
        return f"scheduled:{self.key.hex}"
