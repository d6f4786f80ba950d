"""Legal holds: what must be kept, despite retention rules of rooms and deletions by authors."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.lib.fields import LineField


class LegalHold(models.Model):
    """Keeps a room, or everything that one person wrote, until the hold ends."""

    room = models.ForeignKey("chat.Room", on_delete=models.PROTECT, null=True, blank=True, related_name="holds")
    person = models.ForeignKey(
        "chat.Participant", on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    reason = LineField(max_length=500)
    # The username as text, as in `AuditEntry`.
    begun_by = models.CharField(max_length=32)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(room__isnull=True, person__isnull=False) | Q(room__isnull=False, person__isnull=True),
                name="hold_of_room_or_person",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.room}" if self.room else f"@{self.person}"


class HeldText(models.Model):
    """The text that a message had before its author or a moderator changed or deleted it under a hold."""

    message = models.ForeignKey("chat.Message", on_delete=models.PROTECT, related_name="held_texts")
    text = models.TextField()
    # The keys of the files deleted with it, which stay in the storage (`File.State.HELD`).
    files = models.JSONField(default=list)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.message_id} until {self.changed_at}"
