"""Archives that pages and programs asked for, and the lease of the process that prepares them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.models.files import new_key


class Export(models.Model):
    """An archive: asked for, prepared by one process of the cluster, kept for some days in the storage of files."""

    class Scope(models.TextChoices):
        """What it holds."""

        ALL = "all"
        PUBLIC = "public"
        ROOM = "room"
        PERSON = "person"

    class Format(models.TextChoices):
        """How it is written: for programs, or pages to read."""

        ARCHIVE = "archive"
        HTML = "html"

    class State(models.TextChoices):
        """What became of it."""

        PREPARING = "preparing"
        READY = "ready"
        FAILED = "failed"
        EXPIRED = "expired"

    # Its bytes may be in the storage.
    STORED: ClassVar = (State.PREPARING, State.READY)

    by = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="exports")
    scope = models.CharField(max_length=6, choices=Scope.choices)
    room = models.ForeignKey("chat.Room", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    person = models.ForeignKey("chat.Participant", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(null=True, blank=True)
    files = models.BooleanField(default=True)
    format = models.CharField(max_length=7, choices=Format.choices, default=Format.ARCHIVE)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PREPARING)
    # Messages that are written, while it is prepared, how many there are (0: unknown), and how many are written in a
    # second.
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0, db_default=0)
    rate = models.PositiveIntegerField(default=0, db_default=0)
    # How often a process began with it.
    tries = models.PositiveSmallIntegerField(default=0)
    # Why it failed: a sentence in English.
    problem = models.CharField(max_length=200, blank=True, default="")
    # The place of the bytes in the storage.
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
            # What the process that prepares looks for.
            models.Index(fields=["state", "id"], condition=Q(state__in=["preparing", "ready"]), name="export_stored")
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.scope} for {self.by_id}"


class TransferWork(models.Model):
    """The lease of the process that prepares exports and runs imports: one of the cluster. Its only row is 1."""

    holder = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.holder)
