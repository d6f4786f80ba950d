from django.db import models


class Message(models.Model):
    """A message."""

    room = models.CharField(max_length=100)
    username = models.CharField(max_length=100)
    content = models.TextField()
    timestamp = models.DateTimeField(auto_now_add=True)

    objects: models.Manager["Message"] = models.Manager()

    class Meta:
        app_label = "textbook"
        ordering = ["timestamp"]
