"""Notifications: a person's settings, their devices, and the queue of pushes and e-mails."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat.lib.fields import LineField

KEYWORDS_MAX = 20
DEFAULT_START, DEFAULT_END = 18 * 60, 8 * 60
EVERY_DAY = 0b111_1111


def _no_words() -> list[str]:
    return []


class Attention(models.Model):
    """When and how a person is notified, besides the levels of `Preferences` and `Membership`; no row: the defaults."""

    class Mail(models.TextChoices):
        """When missed mentions and direct messages are sent by e-mail."""

        NEVER = "never", pgettext_lazy("e-mail", "Never")
        QUARTER = "15m", _("After 15 minutes")
        HOUR = "1h", _("After 1 hour")
        DAILY = "daily", _("Once a day at 08:00")

    class Shown(models.TextChoices):
        """What a notification shows, also on a lock screen."""

        ALL = "all", _("Name and text")
        NAME = "name", _("Name only")
        NOTHING = "nothing", _("Nothing but “New message”")

    user = models.OneToOneField(
        "chat.Participant", on_delete=models.CASCADE, primary_key=True, related_name="attention"
    )
    threads = models.BooleanField(default=True)
    # Notify about reactions to the person's messages.
    reactions = models.BooleanField(default=False, db_default=False)
    # The entries of `chat.reaching.SOUNDS` that are off, as bits.
    silent = models.PositiveSmallIntegerField(default=0, db_default=0)
    # A list of strings.
    keywords = models.JSONField(default=_no_words, blank=True)
    quiet = models.BooleanField(default=False)
    # Minutes after midnight in `zone`; the days on which the quiet hours begin as bits, Monday first.
    quiet_start = models.PositiveSmallIntegerField(default=DEFAULT_START)
    quiet_end = models.PositiveSmallIntegerField(default=DEFAULT_END)
    quiet_days = models.PositiveSmallIntegerField(default=EVERY_DAY)
    zone = models.CharField(max_length=64, default="UTC")
    direct_in_quiet = models.BooleanField(default=False)
    paused_until = models.DateTimeField(null=True, blank=True)
    shown = models.CharField(max_length=7, choices=Shown.choices, default=Shown.ALL)
    mail = models.CharField(max_length=5, choices=Mail.choices, default=Mail.NEVER, db_default=Mail.NEVER)
    # The address that the person confirmed: e-mails are sent only while the account still has it.
    mail_verified = models.CharField(max_length=254, blank=True, default="", db_default="", editable=False)
    mail_sent_at = models.DateTimeField(null=True, editable=False)
    # The language of the page on which the settings were last changed: notifications and e-mails use it.
    language = models.CharField(max_length=8, default="en")

    class Meta:
        verbose_name_plural = "attention"

    def __str__(self) -> str:
        return f"attention of {self.user_id}"


class PushSubscription(models.Model):
    """A browser that receives pushes; it ends with the credential that registered it."""

    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.CharField(max_length=1_000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=32)
    name = LineField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=200, blank=True, editable=False)
    language = models.CharField(max_length=8, default="en", editable=False)
    # The server's public key that the browser got.
    public_key = models.CharField(max_length=100, editable=False)
    # The credential, as in `Ticket`; the person's `access_rev` at the last check, and the time until which it is valid.
    kind = models.CharField(max_length=8, editable=False)
    key = models.CharField(max_length=255, editable=False)
    access_rev = models.PositiveBigIntegerField(default=0, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, editable=False)
    # The push service no longer knows it: listed until the person turns it on again.
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"device {self.pk} of {self.user_id}"


class NotificationWork(models.Model):
    """Leases: row 1 for the process that reads new messages for notifications, with the epoch it reads in; row 2 for
    the process that posts scheduled messages."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    epoch = models.UUIDField(null=True)
    holder = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id__in=[1, 2]), name="notification_work_known")]

    def __str__(self) -> str:
        return str(self.holder)


class NotificationCursor(models.Model):
    """How far the messages of a room were read for notifications: new ones by `seq`, changed ones by `rev`.

    The messages themselves are the queue, so posting writes nothing extra. The numbers of a room are assigned under its
    lock, in the order of the commits: nothing is committed behind the cursor.
    """

    room = models.OneToOneField(
        "chat.Room", on_delete=models.CASCADE, primary_key=True, related_name="notification_cursor"
    )
    seq = models.PositiveBigIntegerField(default=0)
    rev = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"


class Notification(models.Model):
    """A message that a person is notified about, from the decision until it is read."""

    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveBigIntegerField()
    # The root's `seq`, for a reply that only its thread shows: reading the thread reads it.
    thread = models.PositiveBigIntegerField(null=True, editable=False)
    reason = models.CharField(max_length=7)
    created_at = models.DateTimeField()
    # A device shows it until it is read.
    shown = models.BooleanField(default=False)
    # To be sent by e-mail, if it is not read before. `db_default`: an older process that still runs does not write it.
    mail = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "room", "seq"], name="notification_once")]
        indexes = [
            models.Index(fields=["user", "room"], condition=Q(shown=True), name="notification_shown"),
            models.Index(fields=["user"], condition=Q(mail=True), name="notification_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.room_id}:{self.seq}"


class PushDelivery(models.Model):
    """A push in the queue of one device; deleted when the push service has accepted it."""

    class Kind(models.TextChoices):
        """The content of the push."""

        NOTIFICATION = "notification"
        READ = "read"
        TEST = "test"
        REMINDER = "reminder"
        REACTION = "reaction"

    subscription = models.ForeignKey(PushSubscription, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.NOTIFICATION)
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, null=True, related_name="deliveries")
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, null=True, related_name="+")
    seq = models.PositiveBigIntegerField(default=0)
    # The id of the reaction that it was queued for.
    reaction = models.PositiveBigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The push service found it too large: sent again without the text.
    short = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "push deliveries"

    def __str__(self) -> str:
        return f"{self.kind} to {self.subscription_id}"
