"""Messages: their current state, with reactions and mentions."""

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """The current state of one message.

    `seq` is its position in the room, `rev` the number of its last change. An edit, a deletion or a reaction takes a
    new `rev`, never a new `seq`. A deleted message keeps its position and loses its text.
    """

    class Kind(models.TextChoices):
        """Written by a person, or by the system."""

        TEXT = "text"
        SYSTEM = "system"

    # No index of its own: the indexes on (room, seq) serve it.
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField()
    rev = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.TEXT)
    author = models.ForeignKey("chat.Participant", on_delete=models.PROTECT, related_name="messages")
    text = models.TextField(blank=True)
    system = models.JSONField(null=True, blank=True)
    reply_to = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        "chat.Participant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pinned_at = models.DateTimeField(null=True, blank=True)
    # Never searched by person; an index would cost every posted message one more entry.
    pinned_by = models.ForeignKey(
        "chat.Participant", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    client_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 -- NULL: the client gave none
    # Digest of the message as first sent, so that a repeated send can be recognised even after an edit.
    client_digest = models.CharField(max_length=32, blank=True, editable=False)
    # The number of files: 0 saves the query for them.
    file_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The number of link previews, for the same reason.
    preview_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    # For a reply in a thread, the `seq` of the root; and whether the room shows the reply as well.
    thread = models.PositiveBigIntegerField(null=True, blank=True)
    in_room = models.BooleanField(default=True, db_default=True)
    # The number of replies in its own thread, without deleted ones: 0 saves the query for them.
    reply_count = models.PositiveIntegerField(default=0, db_default=0)

    # It forwards another message (`Forward`).
    forwarded = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_seq_once"),
            models.UniqueConstraint(fields=["room", "rev"], name="message_rev_once"),
            models.UniqueConstraint(fields=["author", "client_id"], name="message_client_id_once"),
            models.CheckConstraint(condition=Q(kind__in=["text", "system"]), name="message_kind_known"),
            models.CheckConstraint(condition=Q(deleted_at=None) | Q(text=""), name="message_deleted_is_empty"),
            models.CheckConstraint(condition=Q(seq__gte=1) & Q(rev__gte=1), name="message_numbered"),
        ]
        indexes = [
            models.Index(fields=["room"], condition=Q(system__isnull=False), name="message_system_lines"),
            # Messages that the room shows: of a million, half may be replies that only their threads show.
            models.Index(fields=["room", "seq"], condition=Q(in_room=True), name="message_in_room"),
            models.Index(fields=["room", "thread", "seq"], condition=Q(thread__isnull=False), name="message_of_thread"),
            # Messages that do not count as unread in the room.
            models.Index(
                fields=["room", "seq"],
                condition=Q(system__isnull=False) | Q(deleted_at__isnull=False) | Q(in_room=False),
                name="message_not_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"


class Forward(models.Model):
    """The original of a forwarding message, whose text is repeated there from the code point `start` to the end."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="forward")
    author = models.ForeignKey(
        "chat.Participant", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    room = models.ForeignKey("chat.Room", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    seq = models.PositiveBigIntegerField()
    written_at = models.DateTimeField()
    start = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.message_id} from {self.room_id}:{self.seq}"


class Reaction(models.Model):
    """An emoji that a person put on a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=34)
    # The author of the message, to find the newest reactions to them. None: imported, or written by an older process.
    author = models.ForeignKey(
        "chat.Participant", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "emoji", "user"], name="reaction_once")]
        indexes = [
            models.Index(fields=["author", "id"], condition=Q(author__isnull=False), name="reaction_to_author"),
        ]

    def __str__(self) -> str:
        return self.emoji


class Mention(models.Model):
    """A mention of a person in a message. Room and seq are copied here, so that an index alone answers unread
    counts."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="+")
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveBigIntegerField()
    # The collective name that called the person: `room`, `here`, or a group handle; empty: the person's own name.
    called = models.CharField(max_length=32, blank=True, default="", db_default="")
    # The root of the thread in which another person mentioned this one, 0 without a thread; and whether only the thread
    # shows the reply. None: not looked up yet, after an import or by a process of an older version.
    thread = models.PositiveBigIntegerField(null=True)
    hidden = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="mention_once")]
        indexes = [
            models.Index(
                fields=["user", "room", "thread", "seq", "hidden"], condition=Q(thread__gt=0), name="mention_in_thread"
            ),
            models.Index(fields=["user"], condition=Q(thread__isnull=True), name="mention_without_thread"),
            models.Index(fields=["user", "room", "seq"], name="mention_by_person"),
            models.Index(fields=["user", "id"], name="mention_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}:{self.seq}"
