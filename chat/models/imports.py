"""Where history from other chats came from: so that a second run adds only what is new, and one run can be undone."""

from django.db import models
from django.db.models import Q


class ImportRun(models.Model):
    """One run of an import: of `manage.py import`, or of one that the page leads through."""

    class State(models.TextChoices):
        """What became of it."""

        RUNNING = "running"
        DONE = "done"
        UNDONE = "undone"

    format = models.CharField(max_length=16)
    # The name of the archive, without its folder.
    name = models.CharField(max_length=255)
    # An import of the page that was paused or stopped has several runs.
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
    """Who speaks here for a person of an export."""

    format = models.CharField(max_length=16)
    source = models.CharField(max_length=255)
    participant = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="people")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["format", "source"], name="imported_person_once")]

    def __str__(self) -> str:
        return f"{self.format}:{self.source}"


class ImportedRoom(models.Model):
    """The room that a room of an export became. No one enters it before it is `complete`."""

    format = models.CharField(max_length=16)
    source = models.CharField(max_length=255)
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="imported")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rooms")
    # False: the room was here before, and stays when the import is undone.
    made = models.BooleanField(default=True)
    complete = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["format", "source"], name="imported_room_once")]

    def __str__(self) -> str:
        return f"{self.format}:{self.source}"


class ImportedMessage(models.Model):
    """The id that a message has in the export, and what the message itself has no place for."""

    message = models.OneToOneField("chat.Message", on_delete=models.CASCADE, primary_key=True, related_name="imported")
    # PostgreSQL would look up both for each message, for 32 of the 127 µs that it needs for one.
    place = models.ForeignKey(ImportedRoom, on_delete=models.CASCADE, db_constraint=False, related_name="messages")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, db_constraint=False, related_name="messages")
    source = models.CharField(max_length=255)
    # The message answers in a thread, and its `reply_to` is the root.
    in_thread = models.BooleanField(default=False)
    topic = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "source"], name="imported_message_once")]

    def __str__(self) -> str:
        return self.source
