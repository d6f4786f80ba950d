"""Groups of people that a message can mention by one name."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from chat.lib.fields import LineField
from chat.models.participants import Participant

# Lower case, so that handles need no case-insensitive index.
HANDLE_PATTERN = r"[a-z0-9](?:[a-z0-9_.-]{0,30}[a-z0-9])?"


class PeopleGroup(models.Model):
    """A named group of people: `@night-shift` mentions its people who are in the room."""

    handle = models.CharField(
        max_length=32,
        unique=True,
        validators=[RegexValidator(rf"\A{HANDLE_PATTERN}\Z", "Use 1 to 32 letters (a to z), digits, hyphens, dots.")],
    )
    title = LineField(max_length=64, blank=True)
    people = models.ManyToManyField(Participant, related_name="people_groups", blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["handle"]

    def __str__(self) -> str:
        return self.handle
