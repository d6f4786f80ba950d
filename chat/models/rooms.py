"""Rooms and memberships."""

import hashlib
import uuid
from collections.abc import Iterable
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat.lib.ascii import AsciiLower, NameField
from chat.lib.fields import LineField

SLUG_PATTERN = r"[A-Za-z0-9_-]{1,64}"
# Slugs of direct rooms and groups; no other room can have such a slug.
DIRECT_PREFIX = "dm-"
# Room kinds that are conversations of specific people.
CONVERSATIONS = ("direct", "group")


class Room(models.Model):
    """A conversation: a list of message states, numbered under the lock of this row.

    `last_seq` numbers messages, 1 to n without gaps. `last_rev` numbers every durable change. This row also holds the
    `rev` of the last clearing and of the last change of the room's facts, for clients that resume.
    """

    class Kind(models.TextChoices):
        """Open to all, to members, to two people, or to a group of three to ten."""

        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")
        DIRECT = "direct", _("Direct")
        GROUP = "group", pgettext_lazy("kind of room", "Group")

    class Posting(models.TextChoices):
        """Who may write."""

        EVERYONE = "everyone", pgettext_lazy("who may write", "Everybody")
        MODERATORS = "moderators", pgettext_lazy("who may write", "Moderators only")

    class Pinning(models.TextChoices):
        """Who may pin messages."""

        EVERYONE = "everyone", pgettext_lazy("who may pin", "Everybody")
        MODERATORS = "moderators", pgettext_lazy("who may pin", "Moderators only")

    class Who(models.TextChoices):
        """Who may do something else."""

        EVERYONE = "everyone", pgettext_lazy("who may write", "Everybody")
        MODERATORS = "moderators", pgettext_lazy("who may write", "Moderators only")

    class EditHistory(models.TextChoices):
        """Who, besides its author, may read the earlier texts of an edited message. `off`: none are kept."""

        OFF = "off", pgettext_lazy("earlier texts", "Not kept")
        MODERATORS = "moderators", pgettext_lazy("earlier texts", "For author and moderators")
        MEMBERS = "members", pgettext_lazy("earlier texts", "For all members")

    class Replies(models.TextChoices):
        """Where the page lets people reply to a message."""

        ROOM = "room", pgettext_lazy("where replies go", "To the room")
        THREAD = "thread", pgettext_lazy("where replies go", "To a thread")

    slug = NameField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(rf"\A{SLUG_PATTERN}\Z", "Use 1 to 64 letters, digits, hyphens or underscores.")],
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PUBLIC)
    title = LineField(max_length=100, blank=True)
    topic = LineField(max_length=500, blank=True)
    description = models.TextField(max_length=1000, blank=True, default="", db_default="")
    # The key of a file with `kept`.
    picture = models.CharField(max_length=22, blank=True, default="", db_default="")
    # Shown if there is no picture.
    emoji = models.CharField(max_length=32, blank=True, default="", db_default="")
    # The name in the URLs of its pages, one of its `RoomAddress`; "": the slug, which always finds it.
    address = NameField(max_length=64, blank=True, default="", db_default="", editable=False)
    archived = models.BooleanField(default=False)
    posting = models.CharField(
        max_length=10, choices=Posting.choices, default=Posting.EVERYONE, db_default=Posting.EVERYONE
    )
    pinning = models.CharField(
        max_length=10, choices=Pinning.choices, default=Pinning.MODERATORS, db_default=Pinning.MODERATORS
    )
    # Who may mention many members at once: with `@room`, `@here`, and groups that they are not in.
    calling = models.CharField(max_length=10, choices=Who.choices, default=Who.MODERATORS, db_default=Who.MODERATORS)
    # Who may add people.
    adding = models.CharField(max_length=10, choices=Who.choices, default=Who.EVERYONE, db_default=Who.EVERYONE)
    edit_history = models.CharField(
        max_length=10,
        choices=EditHistory.choices,
        default=EditHistory.MODERATORS,
        db_default=EditHistory.MODERATORS,
    )
    # `edit_history` was turned off: texts replaced before this time are hidden, and being deleted.
    drop_versions_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When `services.room_deletion` deletes the archived room.
    delete_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The `seq` of the pinned messages, in display order.
    pins = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), editable=False)
    replies = models.CharField(max_length=10, choices=Replies.choices, default=Replies.ROOM, db_default=Replies.ROOM)
    # A member may post one message in this time. 0: no limit.
    slow_seconds = models.PositiveIntegerField(default=0, db_default=0)
    # Days to keep messages. 0: forever.
    keep_days = models.PositiveIntegerField(default=0, db_default=0)
    # Whether messages show previews of linked pages.
    previews = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now())
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    last_rev = models.PositiveBigIntegerField(default=0, editable=False)
    cleared_before_seq = models.PositiveBigIntegerField(default=0, editable=False)
    cleared_rev = models.PositiveBigIntegerField(default=0, editable=False)
    # The number of its `UncountedBlock` rows.
    counted_blocks = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    facts_rev = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(AsciiLower("slug"), name="room_slug_without_case"),
            models.CheckConstraint(
                condition=Q(kind__in=["public", "private", "direct", "group"]), name="room_kind_known"
            ),
            models.CheckConstraint(condition=Q(posting__in=["everyone", "moderators"]), name="room_posting_known"),
            models.CheckConstraint(condition=Q(pinning__in=["everyone", "moderators"]), name="room_pinning_known"),
            models.CheckConstraint(condition=Q(calling__in=["everyone", "moderators"]), name="room_calling_known"),
            models.CheckConstraint(condition=Q(adding__in=["everyone", "moderators"]), name="room_adding_known"),
            models.CheckConstraint(
                condition=Q(edit_history__in=["off", "moderators", "members"]), name="room_edit_history_known"
            ),
            models.CheckConstraint(condition=Q(replies__in=["room", "thread"]), name="room_replies_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["direct", "group"], slug__startswith=DIRECT_PREFIX)
                | (~Q(kind__in=["direct", "group"]) & ~Q(slug__istartswith=DIRECT_PREFIX)),
                name="room_direct_slug_reserved",
            ),
            models.CheckConstraint(
                condition=Q(last_seq__lte=models.F("last_rev"))
                & Q(cleared_rev__lte=models.F("last_rev"))
                & Q(facts_rev__lte=models.F("last_rev")),
                name="room_numbers_in_step",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(drop_versions_until__isnull=False), name="room_dropping_versions"),
            models.Index(fields=["delete_at"], condition=Q(delete_at__isnull=False), name="room_delete_at"),
        ]

    def __str__(self) -> str:
        return self.slug

    @staticmethod
    def direct_slug(a: int, b: int) -> str:
        """The slug of the direct room of two people, by their ids in either order."""
        return f"{DIRECT_PREFIX}{min(a, b)}-{max(a, b)}"

    @staticmethod
    def group_slug(people: Iterable[int]) -> str:
        """The slug of the group conversation of exactly these people, by their ids."""
        ids = ",".join(map(str, sorted(set(people))))
        return f"{DIRECT_PREFIX}group-{hashlib.sha256(ids.encode()).hexdigest()[:32]}"

    @property
    def is_going(self) -> bool:
        """Whether the room is being deleted: it can no longer be restored."""
        return self.delete_at is not None and self.delete_at <= timezone.now()

    @property
    def is_conversation(self) -> bool:
        """Whether it is a direct or group conversation, which has no title, roles or invitations."""
        return self.kind in CONVERSATIONS


class Membership(models.Model):
    """A person in a room: role, read mark, typing, notification level."""

    class Role(models.TextChoices):
        """The role of the member."""

        OWNER = "owner", _("Owner")
        MODERATOR = "moderator", _("Moderator")
        MEMBER = "member", _("Member")

    class Notify(models.TextChoices):
        """The notification level as it is stored."""

        ALL = "all", pgettext_lazy("notifications", "All")
        MENTIONS = "mentions", _("Mentions")
        NOTHING = "nothing", _("Nothing")

    class Level(models.TextChoices):
        """The notification level of a room. `default`: the person's setting for all rooms."""

        DEFAULT = "default", pgettext_lazy("notifications", "Default")
        ALL = "all", pgettext_lazy("notifications", "All")
        MENTIONS = "mentions", _("Mentions")
        NOTHING = "nothing", _("Nothing")

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=9, choices=Role.choices, default=Role.MEMBER)
    # With "all", the person's setting for all rooms applies, unless `loud` is set: see `level`.
    notify = models.CharField(max_length=8, choices=Notify.choices, default=Notify.ALL)
    loud = models.BooleanField(default=False, db_default=False)
    # No unread mark, and notifications of mentions only.
    muted = models.BooleanField(default=False, db_default=False)
    # When `members.mutes_end` ends the mute.
    quiet_until = models.DateTimeField(null=True, blank=True, editable=False)
    # The last message when the person hid the conversation: the next message shows it again.
    hidden_seq = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    # The place of the room in the person's list: first, or in a section of their own.
    starred = models.BooleanField(default=False, db_default=False, editable=False)
    section = LineField(max_length=40, blank=True, default="", db_default="", editable=False)
    read_seq = models.PositiveBigIntegerField(default=0)
    # The mark before it was moved back. Posting moves it, so that none of the person's own messages is after both.
    back_from_seq = models.PositiveBigIntegerField(default=0, db_default=0)
    typing_until = models.DateTimeField(null=True, blank=True, editable=False)
    muted_until = models.DateTimeField(null=True, blank=True)
    # The time of the person's last message here, for slow mode.
    posted_at = models.DateTimeField(null=True, blank=True, editable=False)
    joined_at = models.DateTimeField(db_default=Now())
    # Whether the person may have a draft here: posting looks for one only then.
    drafting = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["quiet_until"], condition=Q(quiet_until__isnull=False), name="membership_quiet_until"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "room"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "moderator", "member"]), name="membership_role_known"
            ),
            models.CheckConstraint(
                condition=Q(notify__in=["all", "mentions", "nothing"]), name="membership_notify_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"

    @property
    def level(self) -> str:
        """The notification level, a `Membership.Level`."""
        return level_of(self.notify, self.loud)


def level_of(notify: str, loud: bool) -> str:
    """The `Membership.Level` of the stored values."""
    return "default" if notify == "all" and not loud else notify


class ServerState(models.Model):
    """The state of the whole database, in one row.

    Restoring a backup renews `epoch`: the numbers that clients remember from before are then invalid.
    """

    SINGLETON: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON, editable=False)
    epoch = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name_plural = "server state"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="server_state_single")]

    def __str__(self) -> str:
        return str(self.epoch)
