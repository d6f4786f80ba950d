"""Somebody of an export who was found to be a person here: what they wrote and did goes over to that account, and
back."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


def _nothing() -> dict[str, list[int]]:
    return {}


class PersonMatch(models.Model):
    """An imported participant who is a person here. `moving` and `returning` are work for a process of the cluster."""

    class State(models.TextChoices):
        """How far it is."""

        MOVING = "moving"
        DONE = "done"
        FAILED = "failed"
        RETURNING = "returning"
        UNDONE = "undone"

    WORK: ClassVar = (State.MOVING, State.RETURNING)

    # None: by a command.
    by = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    imported = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.MOVING)
    # Messages that went over.
    done = models.PositiveBigIntegerField(default=0)
    # How often a process began with it.
    tries = models.PositiveSmallIntegerField(default=0)
    # Why it failed.
    problem = models.CharField(max_length=200, blank=True, default="")
    # For the way back: `sources`, ids of `ImportedPerson`; `given`, rooms that the account was let into; `ended`, those
    # of which it was a member before.
    moved = models.JSONField(default=_nothing)
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "person matches"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["moving", "done", "failed", "returning", "undone"]),
                name="person_match_state_known",
            ),
            models.UniqueConstraint(fields=["imported"], condition=~Q(state="undone"), name="person_match_once"),
        ]
        indexes = [
            # What the process that does it looks for.
            models.Index(fields=["state"], condition=Q(state__in=["moving", "returning"]), name="person_match_work")
        ]

    def __str__(self) -> str:
        return f"{self.imported_id} is {self.account_id}"


class MatchedPart(models.Model):
    """What went over with a match, for the way back."""

    class Kind(models.TextChoices):
        """What it is: the author of the message, a reaction to it, or its text that names the person."""

        AUTHOR = "author"
        REACTION = "reaction"
        TEXT = "text"

    match = models.ForeignKey(PersonMatch, on_delete=models.CASCADE, related_name="parts")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # The emoji, or the text as it was.
    before = models.TextField(blank=True, default="")
    # The account had the same reaction: there was one of the two.
    doubled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.kind} of {self.message_id}"
