"""Imports that administrators start on the import page."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ImportJob(models.Model):
    """An import on the import page: its input, the result of the check, and its progress."""

    class State(models.TextChoices):
        """The current step. `checking`, `importing` and `undoing` are work for a process of the cluster."""

        CHECKING = "checking"
        CHECKED = "checked"
        IMPORTING = "importing"
        PAUSED = "paused"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"
        # Cancelled by an administrator: nothing was imported, and the archive is deleted.
        DROPPED = "dropped"

    WORK: ClassVar = (State.CHECKING, State.IMPORTING, State.UNDOING)

    by = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=16)
    # The name of the archive, without its folder.
    name = models.CharField(max_length=255)
    # Either a file that was uploaded, or a path inside `CHAT_IMPORT_DIR`.
    file = models.ForeignKey("chat.File", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=1000, blank=True, default="")
    zone = models.CharField(max_length=64, blank=True, default="")
    # True: 04/03/2024 is in March; null: detect it from the export.
    day_first = models.BooleanField(null=True, blank=True)
    room = models.CharField(max_length=255, blank=True, default="")
    # Lines of `source,username`: the account for each person of the export.
    people = models.TextField(blank=True, default="")
    # By id or title of a room of the export: `-` skips it, `+` creates it, else the address of an existing room.
    rooms = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    state = models.CharField(max_length=9, choices=State.choices, default=State.CHECKING)
    # Messages read or written so far, and in total (0: unknown).
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    # Messages per second over the last half minute (0: not known yet).
    rate = models.PositiveIntegerField(default=0, db_default=0)
    # How often a process has started this step.
    tries = models.PositiveSmallIntegerField(default=0)
    # Why it failed.
    problem = models.CharField(max_length=500, blank=True, default="")
    # The report of the last check or run (`chat.services.imports.loading`).
    report = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("checking", "checked", "importing", "paused", "done", "failed", "undoing", "undone"),
                        "dropped",
                    ]
                ),
                name="import_job_state_known",
            )
        ]
        indexes = [
            # For the process that imports.
            models.Index(
                fields=["state"], condition=Q(state__in=["checking", "importing", "undoing"]), name="import_job_work"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.format} {self.name}"
