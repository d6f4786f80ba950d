"""Bans, and the audit log."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from chat.lib.fields import LineField


class Ban(models.Model):
    """A ban of a person from a room, until a time or permanently (`until` NULL)."""

    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="bans")
    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="bans")
    until = models.DateTimeField(null=True, blank=True)
    reason = LineField(max_length=500, blank=True)
    # The moderator's username as text: see `AuditEntry`.
    by = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "room"], name="ban_once")]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.room_id}"


class AuditEntry(models.Model):
    """An act of moderation: actor, target, room, reason, time. Written once, never changed.

    Names are text, because the entry must outlive the accounts and rooms it names.
    """

    class Action(models.TextChoices):
        """The kind of act."""

        CLEAR = "clear", _("Clear")
        KICK = "kick", _("Kick")
        BAN = "ban", _("Ban")
        UNBAN = "unban", _("Unban")
        MUTE = "mute", _("Mute")
        UNMUTE = "unmute", _("Unmute")
        TOPIC = "topic", _("Topic")
        ROLE = "role", _("Role")
        DELETE_MESSAGE = "delete_message", _("Delete Message")
        EDIT_MESSAGE = "edit_message", _("Edit Message")
        ROOM = "room", _("Room")
        BROADCAST = "broadcast", _("Broadcast")
        DISCONNECT = "disconnect", _("Disconnect")
        REPORT = "report", _("Report")
        PIN_MESSAGE = "pin_message", _("Pin Message")
        UNPIN_MESSAGE = "unpin_message", _("Unpin Message")
        EXPORT = "export", _("Export")
        IMPORT = "import", _("Import")
        WORKSPACE = "workspace", _("Workspace")
        PERSON = "person", _("Person")
        GROUP = "group", _("Group of people")
        RETENTION = "retention", _("Retention")
        HOLD = "hold", _("Legal hold")
        RELEASE = "release", _("End of a legal hold")

    at = models.DateTimeField(db_default=Now(), db_index=True)
    actor = models.CharField(max_length=32)
    action = models.CharField(max_length=16, choices=Action.choices)
    room = models.CharField(max_length=64, blank=True)
    target = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        constraints = [models.CheckConstraint(condition=~Q(actor=""), name="audit_actor_named")]
        indexes = [models.Index(fields=["room", "id"], condition=~Q(room=""), name="audit_of_room")]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"
