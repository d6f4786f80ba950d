"""Profiles, blocks, and reports of messages."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat.lib.fields import LineField
from chat.models.participants import Participant


class Profile(models.Model):
    """A person's description of themselves, and their presence setting; without a row, everything is empty."""

    class Presence(models.TextChoices):
        """What others see while the person is connected."""

        AUTO = "auto", _("Active")
        AWAY = "away", _("Away")
        BUSY = "busy", _("Do not disturb")

    user = models.OneToOneField(Participant, on_delete=models.CASCADE, primary_key=True, related_name="profile")
    pronouns = LineField(max_length=32, blank=True)
    title = LineField(max_length=64, blank=True)
    about = LineField(max_length=160, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    phone = LineField(max_length=32, blank=True)
    status_emoji = models.CharField(max_length=32, blank=True)
    status_text = LineField(max_length=80, blank=True)
    status_until = models.DateTimeField(null=True, blank=True)
    # The key of a file with `kept`.
    picture = models.CharField(max_length=22, blank=True, default="", db_default="")
    presence = models.CharField(max_length=4, choices=Presence.choices, default=Presence.AUTO)

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=~models.Q(presence="auto"), name="profile_not_auto"),
        ]

    def __str__(self) -> str:
        return f"profile of {self.user_id}"


class Block(models.Model):
    """A person does not want messages from another, who gets no message about the block."""

    user = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "blocked"], name="block_once")]

    def __str__(self) -> str:
        return f"{self.user_id} blocks {self.blocked_id}"


class Report(models.Model):
    """A message that a member reported, with a copy, which stays when the message is edited or deleted.

    Names are text, as in `AuditEntry`.
    """

    class Outcome(models.TextChoices):
        """How the report ended; empty while it is open."""

        DELETED = "deleted", _("Message deleted")
        MUTED = "muted", _("Author muted")
        BANNED = "banned", _("Author banned")
        DISMISSED = "dismissed", _("Dismissed")

    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="reports")
    seq = models.PositiveBigIntegerField()
    reporter = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    author = models.CharField(max_length=32)
    text = models.TextField(blank=True)
    reason = LineField(max_length=500)
    # In a direct or group conversation: the messages around it, as {username, message, timestamp}.
    context = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True, default="")
    handled_by = models.CharField(max_length=32, blank=True, default="")
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reporter", "room", "seq"], name="report_once")]
        indexes = [models.Index(fields=["room", "id"], condition=Q(outcome=""), name="report_open")]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"
