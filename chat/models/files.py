"""Files that people upload, and the messages that take them."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q


def new_key() -> str:
    """An id that cannot be guessed: 128 random bits."""
    return secrets.token_urlsafe(16)


class FileQuerySet(models.QuerySet["File"]):
    """Queries of files."""

    def present(self) -> "FileQuerySet":
        """Files that a person still has: not deleted, and not kept only by a legal hold."""
        return self.filter(state__in=File.PRESENT)

    def stored(self) -> "FileQuerySet":
        """Files whose upload is complete."""
        return self.filter(state=File.State.READY)


class File(models.Model):
    """A file, from the start of its upload. It belongs to its uploader until a message takes it, which happens once.

    The row outlives the message: the sweep (`chat.services.files`) deletes the bytes first and then the row.
    """

    class State(models.TextChoices):
        """The state of the file."""

        UPLOADING = "uploading"
        READY = "ready"
        # The sweep will delete its bytes.
        GONE = "gone"
        # Its message was deleted under a legal hold: kept, but not shown.
        HELD = "held"

    # States in which a person still has the file.
    PRESENT: ClassVar = (State.UPLOADING, State.READY)

    # The `id` in the protocol; also the key of the bytes in the storage.
    key = models.CharField(max_length=22, unique=True, default=new_key)
    uploader = models.ForeignKey("chat.Participant", on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey("chat.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="files")
    # Its position among the files of the message.
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State.choices, default=State.UPLOADING)
    name = models.CharField(max_length=255)
    description = models.CharField(max_length=500, blank=True)
    # Bytes as uploaded, and as stored.
    length = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    # Seconds.
    duration = models.FloatField(null=True, blank=True)
    placeholder = models.CharField(max_length=400, blank=True)
    # The thumbnails that are stored, by their longer side: "480 1600".
    thumbs = models.CharField(max_length=20, blank=True)
    # The square picture of a person, or of `room`: no message takes it.
    kept = models.BooleanField(default=False, db_default=False)
    # An export of another chat, to import: it may exceed the file limit, and is never opened, sent or downloaded.
    archive = models.BooleanField(default=False, db_default=False)
    room = models.ForeignKey("chat.Room", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # A scheduled message will take it: until then the sweep does not treat it as untaken.
    waits_until = models.DateTimeField(null=True, blank=True)
    # In a forwarded message: the key under which the shared bytes were stored first. Empty: its own key.
    stored_as = models.CharField(max_length=22, blank=True, default="", db_default="")
    # Whether its bytes count against quotas: of several files with the same bytes, one does.
    counted = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["uploading", "ready", "gone", "held"]), name="file_state_known"
            ),
        ]
        indexes = [
            # For the sweep.
            models.Index(fields=["state", "created_at"], condition=Q(message__isnull=True), name="file_untaken"),
            models.Index(fields=["stored_as"], condition=~Q(stored_as=""), name="file_stored_as"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def bytes_key(self) -> str:
        """The key of its bytes in the storage."""
        return self.stored_as or self.key
