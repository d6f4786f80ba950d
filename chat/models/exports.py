"""Archives that pages and programs requested, and the lease of the process that prepares them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.models.files import new_key


class Export(models.Model):
    """An archive: requested, prepared by one process of the cluster, and kept for some days in the file storage."""

    class Scope(models.TextChoices):
        """What the archive contains."""

        ALL = "all"
        PUBLIC = "public"
        ROOM = "room"
        PERSON = "person"

    class Format(models.TextChoices):
        """The format of the archive: for programs, or as pages to read."""

        ARCHIVE = "archive"
        HTML = "html"

    class State(models.TextChoices):
        """The state of the export."""

        PREPARING = "preparing"
        READY = "ready"
        FAILED = "failed"
        EXPIRED = "expired"

    # States in which the storage may hold its bytes.
    STORED: ClassVar = (State.PREPARING, State.READY)

    by = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="exports")
    scope = models.CharField(max_length=6, choices=Scope.choices)
    room = models.ForeignKey("chat.Room", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey("chat.Participant", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(null=True, blank=True)
    files = models.BooleanField(default=True)
    format = models.CharField(max_length=7, choices=Format.choices, default=Format.ARCHIVE)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PREPARING)
    # Progress while it is prepared: messages written, messages in total (0: unknown), and messages per second.
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0, db_default=0)
    rate = models.PositiveIntegerField(default=0, db_default=0)
    # How often a process has started it.
    tries = models.PositiveSmallIntegerField(default=0)
    # Why it failed: a sentence in English.
    problem = models.CharField(max_length=200, blank=True, default="")
    # The key of the bytes in the storage.
    key = models.CharField(max_length=22, unique=True, default=new_key)
    # Bytes.
    size = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "ready", "failed", "expired"]), name="export_state_known"
            )
        ]
        indexes = [
            # For the process that prepares exports.
            models.Index(fields=["state", "id"], condition=Q(state__in=["preparing", "ready"]), name="export_stored")
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.scope} for {self.by_id}"


class TransferWork(models.Model):
    """The lease of the one process in the cluster that prepares exports and runs imports. Its only row has the id 1."""

    holder = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.holder)
