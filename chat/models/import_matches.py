"""Matches of imported people with accounts: what the imported person wrote and did moves to the account, and back if
undone."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


def _nothing() -> dict[str, list[int]]:
    return {}


class PersonMatch(models.Model):
    """A match of an imported participant with an account. `moving` and `returning` are work for a cluster process."""

    class State(models.TextChoices):
        """The state of the move."""

        MOVING = "moving"
        DONE = "done"
        FAILED = "failed"
        RETURNING = "returning"
        UNDONE = "undone"

    WORK: ClassVar = (State.MOVING, State.RETURNING)

    # None: made by a command.
    by = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    imported = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.MOVING)
    # Messages that were moved.
    done = models.PositiveBigIntegerField(default=0)
    # How often a process has started it.
    tries = models.PositiveSmallIntegerField(default=0)
    # Why it failed.
    problem = models.CharField(max_length=200, blank=True, default="")
    # For undoing: `sources`, ids of `ImportedPerson`; `given`, rooms that the account was added to; `ended`, rooms that
    # it was a member of before.
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
            # For the process that moves the parts.
            models.Index(fields=["state"], condition=Q(state__in=["moving", "returning"]), name="person_match_work")
        ]

    def __str__(self) -> str:
        return f"{self.imported_id} is {self.account_id}"


class MatchedPart(models.Model):
    """One thing that a match moved, for undoing it."""

    class Kind(models.TextChoices):
        """What was moved: the author of the message, a reaction to it, or a mention of the person in its text."""

        AUTHOR = "author"
        REACTION = "reaction"
        TEXT = "text"

    match = models.ForeignKey(PersonMatch, on_delete=models.CASCADE, related_name="parts")
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # The emoji, or the text before the move.
    before = models.TextField(blank=True, default="")
    # The account already had the same reaction: only one of the two was kept.
    doubled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.kind} of {self.message_id}"
