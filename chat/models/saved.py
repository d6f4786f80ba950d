"""Messages that people have saved for themselves, with their reminders."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class SavedMessage(models.Model):
    """A message that a person wants to come back to. The text is not copied: a message that is deleted, cleared or no
    longer readable cannot be read here either."""

    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="saved_messages")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)
    # When to remind the person, and when they were last reminded.
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "message"], name="saved_once")]
        indexes = [
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="saved_reminders"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.message_id}"
