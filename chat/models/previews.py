"""Link previews: the fetched pages, the messages that show them, and the messages that still wait for previews."""

from django.db import models
from django.db.models.functions import Now

from chat.models.files import new_key


class LinkedPage(models.Model):
    """The metadata of a page on one day (UTC), or that it could not be read: each address is fetched once a day.

    It does not change afterwards, so that no message changes without a new `rev`.
    """

    # Digest of the address, which may be too long for an index.
    digest = models.CharField(max_length=32)
    day = models.DateField()
    url = models.CharField(max_length=2_000)
    begun_at = models.DateTimeField(db_default=Now())
    # None: it is being fetched.
    fetched_at = models.DateTimeField(null=True, blank=True)
    # Empty: there is nothing to show.
    title = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=400, blank=True)
    site = models.CharField(max_length=80, blank=True)
    # The key of the picture in the storage, like that of a file; and its size in pixels.
    picture = models.CharField(max_length=22, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    # The page asks for a large picture.
    large = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "day"], name="linked_page_once_a_day")]
        indexes = [models.Index(fields=["day"], name="linked_page_by_day")]

    def __str__(self) -> str:
        return self.title or self.digest


class Preview(models.Model):
    """A preview in a message. The row of a removed preview stays, so that the preview does not come back."""

    # The last part of the address of its picture.
    key = models.CharField(max_length=22, unique=True, default=new_key)
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="previews")
    page = models.ForeignKey(LinkedPage, on_delete=models.CASCADE, related_name="previews")
    # The address as in the message.
    url = models.CharField(max_length=2_000)
    position = models.PositiveSmallIntegerField(default=0)
    removed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="preview_position_once")]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.position}"


class PreviewWork(models.Model):
    """A message with links that was posted or edited, and still waits for its previews."""

    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveBigIntegerField()
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "preview work"

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"
