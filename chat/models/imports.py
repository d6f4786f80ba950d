"""The origin of imported history: a second run adds only what is new, and a run can be undone."""

from django.db import models
from django.db.models import Q


class ImportRun(models.Model):
    """One run of an import: by `manage.py import`, or from the import page."""

    class State(models.TextChoices):
        """The state of the run."""

        RUNNING = "running"
        DONE = "done"
        UNDONE = "undone"

    format = models.CharField(max_length=16)
    # The name of the archive, without its folder.
    name = models.CharField(max_length=255)
    # An import from the page that was paused or stopped has several runs.
    job = models.ForeignKey("chat.ImportJob", on_delete=models.SET_NULL, null=True, blank=True, related_name="runs")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["running", "done", "undone"]), name="import_state_known")
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.format} {self.name}"


class ImportedPerson(models.Model):
    """The participant that stands for a person of an export."""

    format = models.CharField(max_length=16)
    source = models.CharField(max_length=255)
    participant = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="people")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["format", "source"], name="imported_person_once")]

    def __str__(self) -> str:
        return f"{self.format}:{self.source}"


class ImportedRoom(models.Model):
    """The room that a room of an export became. No one can enter it before it is `complete`."""

    format = models.CharField(max_length=16)
    source = models.CharField(max_length=255)
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="imported")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rooms")
    # False: the room existed before, and stays when the import is undone.
    made = models.BooleanField(default=True)
    complete = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["format", "source"], name="imported_room_once")]

    def __str__(self) -> str:
        return f"{self.format}:{self.source}"


class ImportedMessage(models.Model):
    """The id of a message in the export, and the facts that the message itself has no field for."""

    message = models.OneToOneField("chat.Message", on_delete=models.CASCADE, primary_key=True, related_name="imported")
    # No constraints: PostgreSQL would look up both rows for each message, 32 of the 127 µs that a message takes.
    place = models.ForeignKey(ImportedRoom, on_delete=models.CASCADE, db_constraint=False, related_name="messages")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, db_constraint=False, related_name="messages")
    source = models.CharField(max_length=255)
    # The message is a reply in a thread, and its `reply_to` is the root.
    in_thread = models.BooleanField(default=False)
    topic = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "source"], name="imported_message_once")]

    def __str__(self) -> str:
        return self.source
