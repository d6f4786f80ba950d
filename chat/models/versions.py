"""Earlier texts of edited messages."""

from django.db import models


class MessageVersion(models.Model):
    """A text that a message had until it was edited."""

    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    written_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [
            # To find the oldest versions, which are deleted.
            models.Index(fields=["replaced_at"], name="version_age"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} until {self.replaced_at}"
