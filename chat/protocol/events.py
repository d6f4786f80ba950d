"""Events of the server: one model each, and the only place that names their fields."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from chat.protocol.errors import ChatError

PresenceStatus = Literal["online", "away", "busy", "offline"]
# Names of actions, by state of the room ("open", "muted", "archived", "direct") and by role.
Permissions = dict[str, dict[str, tuple[str, ...]]]
LeftReason = Literal["left", "kicked", "banned", "archived"]


def stamp(moment: datetime) -> str:
    """A time as it is sent: ISO 8601, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _is_false(value: object) -> bool:
    return value is False


def _is_default(value: object) -> bool:
    return value == "default"


def _is_auto(value: object) -> bool:
    return value == "auto"


def _is_online(value: object) -> bool:
    return value == "online"


def _is_everyone(value: object) -> bool:
    return value == "everyone"


def _is_empty(value: object) -> bool:
    return not value


def _is_none(value: object) -> bool:
    return value is None


class Event(BaseModel):
    """Base of all events."""

    model_config = ConfigDict(frozen=True)

    # Whether fields that are None are left out of the frame instead of sent as null.
    sparse: ClassVar[bool] = False
    # Whether it may be dropped for a slow socket.
    ephemeral: ClassVar[bool] = False

    def encode(self) -> str:
        """The event as JSON text."""
        return self.model_dump_json(exclude_none=self.sparse)


class Reply(Event):
    """An event that answers a command, with its `request_id`."""

    request_id: str | None = None

    def encode(self) -> str:
        """The event as JSON text, without a `request_id` that is None."""
        if self.sparse or self.request_id is not None:
            return self.model_dump_json(exclude_none=self.sparse)
        return self.model_dump_json(exclude={"request_id"})


# --- Durable: each takes the next `rev` of its room -------------------------------------------------


# The events of system lines. Clients translate those they know, and show the sentence of the others.
SystemEvent = Literal["joined", "left", "added", "kicked", "banned", "topic", "renamed", "cleared", "owner"]


class FileFacts(BaseModel):
    """A file of a message. `type` is the media type found in its bytes; `width` and `height` are in pixels as shown,
    `duration` in seconds; `thumbs` are addresses by the longer side, `placeholder` a tiny picture as a `data:` one."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    size: int
    type: str
    url: str
    width: int | None = Field(default=None, exclude_if=_is_none)
    height: int | None = Field(default=None, exclude_if=_is_none)
    duration: float | None = Field(default=None, exclude_if=_is_none)
    thumbs: dict[str, str] = Field(default={}, exclude_if=_is_empty)
    placeholder: str = Field(default="", exclude_if=_is_empty)
    description: str = Field(default="", exclude_if=_is_empty)


class Message(Event):
    """The complete state of a message. It replaces the known state of (room, seq), unless that has a higher rev."""

    type: Literal["message"] = "message"
    room: str
    seq: int
    rev: int
    kind: str
    message: str
    username: str
    user_id: int
    display_name: str
    timestamp: str
    client_id: str | None
    reply_to: int | None
    edited_at: str | None
    deleted: bool
    deleted_by: str | None
    reactions: dict[str, list[str]]
    mentions: list[str]
    files: list[FileFacts] = []
    # Another account has a name that looks the same: show the username beside it.
    show_username: bool = Field(default=False, exclude_if=_is_false)
    # The facts of a system line, with its `event`, a SystemEvent; only system lines have this field.
    system: dict[str, Any] | None = Field(default=None, exclude_if=_is_none)
    # A system line that was deleted: it never counted as unread.
    was_system: bool = Field(default=False, exclude_if=_is_false)


class Cleared(Event):
    """Messages with `seq` < `before_seq` are hidden."""

    type: Literal["cleared"] = "cleared"
    room: str
    before_seq: int
    rev: int


class RoomFacts(Event):
    """The title, topic, description, kind and state of the room, and who may write how often."""

    type: Literal["room"] = "room"
    room: str
    rev: int
    title: str
    topic: str
    kind: str
    archived: bool
    description: str = ""
    posting: str = "everyone"
    # Seconds between two messages of a member; 0: no limit.
    slow_seconds: int = 0
    # None: for ever.
    keep_days: int | None = None


Durable = Message | Cleared | RoomFacts

# --- Replies ----------------------------------------------------------------------------------------


class Ack(Reply):
    """The answer to a command that was executed."""

    sparse: ClassVar[bool] = True

    type: Literal["ack"] = "ack"
    room: str | None = None
    seq: int | None = None
    rev: int | None = None
    timestamp: str | None = None


class PostedAck(Reply):
    """The answer to a message that was posted. All fields are sent, also a `client_id` that is null."""

    type: Literal["ack"] = "ack"
    client_id: str | None
    room: str
    seq: int
    rev: int
    timestamp: str
    duplicate: bool
    # Usernames that the text names and that are not members: they were not notified.
    outside: list[str] = Field(default=[], exclude_if=_is_empty)


class Pong(Reply):
    """The answer to a ping."""

    type: Literal["pong"] = "pong"
    timestamp: str


class History(Reply):
    """A page of messages in `seq` order."""

    type: Literal["history"] = "history"
    room: str
    messages: list[Message]
    has_older: bool
    has_newer: bool


class Resumed(Reply):
    """Every change after the given rev up to `rev`, in `rev` order; when `complete` is false, load the history
    instead."""

    type: Literal["resumed"] = "resumed"
    room: str
    complete: bool
    messages: list[Durable]
    rev: int


class JoinedRoom(Reply):
    """A room was entered: its facts, and the reader's own marks."""

    type: Literal["joined_room"] = "joined_room"
    room: str
    title: str
    topic: str
    kind: str
    role: str
    seq: int
    rev: int
    read_seq: int
    members_online: int
    description: str = Field(default="", exclude_if=_is_empty)
    posting: str = Field(default="everyone", exclude_if=_is_everyone)
    slow_seconds: int = Field(default=0, exclude_if=_is_empty)
    keep_days: int | None = Field(default=None, exclude_if=_is_none)
    unread: int | None = Field(default=None, exclude_if=_is_none)
    mentions: int | None = Field(default=None, exclude_if=_is_none)
    mentioned: list[int] = Field(default=[], exclude_if=_is_empty)


class LeftRoom(Reply):
    """The reader is no longer in this room."""

    type: Literal["left_room"] = "left_room"
    room: str
    reason: LeftReason
    # The moderator's reason, and the end of a ban; left out where there is none.
    why: str = Field(default="", exclude_if=_is_empty)
    until: str | None = Field(default=None, exclude_if=_is_none)


class Status(BaseModel):
    """What a person says of their day. `until`: its end, or null."""

    emoji: str
    text: str
    until: str | None


class CommonRoom(BaseModel):
    """A room that two people are in."""

    room: str
    title: str


class Card(BaseModel):
    """What others are shown of a person."""

    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=_is_false)
    user_id: int
    active: bool
    staff: bool
    pronouns: str
    title: str
    about: str
    time_zone: str
    phone: str
    status: Status | None
    presence: PresenceStatus
    # The first rooms that the reader is in as well.
    rooms: list[CommonRoom]
    # Whether the reader blocks the person.
    blocked: bool


class UserEntry(BaseModel):
    """A member in a list."""

    username: str
    display_name: str
    role: str
    online: bool
    typing: bool
    show_username: bool = Field(default=False, exclude_if=_is_false)
    # Only for those who may lift the mute.
    muted: bool = Field(default=False, exclude_if=_is_false)
    user_id: int | None = Field(default=None, exclude_if=_is_none)
    # Only for moderators and above: whether they may act on this member.
    below: bool = Field(default=False, exclude_if=_is_false)
    # Only while the person is connected, and not simply online.
    presence: PresenceStatus = Field(default="online", exclude_if=_is_online)
    status: Status | None = Field(default=None, exclude_if=_is_none)


class Users(Reply):
    """The members of a room."""

    type: Literal["users"] = "users"
    room: str
    users: list[UserEntry]


class BanEntry(BaseModel):
    """A ban that is in effect. `until` null: permanently."""

    id: int
    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=_is_false)
    by: str
    at: str
    until: str | None
    reason: str


class Bans(Reply):
    """Bans of a room, the newest first. The `id` of the last as `before` gives the page after it."""

    type: Literal["bans"] = "bans"
    room: str
    bans: list[BanEntry]
    has_older: bool


class AuditItem(BaseModel):
    """What a moderator did. `username`: to this person; "" where it was about the room."""

    id: int
    at: str
    by: str
    action: str
    username: str
    reason: str
    detail: dict[str, Any]


class Audit(Reply):
    """The record of moderation of a room, the newest first, in pages as `Bans`."""

    type: Literal["audit"] = "audit"
    room: str
    entries: list[AuditItem]
    has_older: bool


class SearchResult(BaseModel):
    """A message that was found. `marks` are the places that matched, as offsets in code points."""

    message: Message
    room: str
    # The other person's name in a direct room.
    title: str
    marks: list[tuple[int, int]]


class Search(Reply):
    """The messages that were found, the newest first. `next` is the `after` of the following page."""

    type: Literal["search"] = "search"
    results: list[SearchResult]
    next: str | None
    # Older messages than this are not all indexed yet.
    indexed_until: str | None = Field(default=None, exclude_if=_is_none)
    warnings: list[str] = Field(default=[], exclude_if=_is_empty)


class ReportItem(BaseModel):
    """A report: the copy of the message, and what became of it ("" while it is open)."""

    id: int
    room: str
    seq: int
    at: str
    by: str
    author: str
    message: str
    reason: str
    context: list[dict[str, Any]]
    outcome: str
    handled_by: str
    handled_at: str | None


class Reports(Reply):
    """The reports of a room, the newest first, in pages as `Bans`."""

    type: Literal["reports"] = "reports"
    room: str
    reports: list[ReportItem]
    has_older: bool


class Error(Reply):
    """A command was refused, and why."""

    sparse: ClassVar[bool] = True

    type: Literal["error"] = "error"
    code: str
    message: str
    client_id: str | None = None
    retry_after: float | None = None
    fields: dict[str, str] | None = None

    @classmethod
    def of(cls, error: ChatError, *, request_id: str | None = None, client_id: str | None = None) -> "Error":
        """The event of a refusal."""
        return cls(
            code=error.code.value,
            message=error.message,
            request_id=request_id,
            client_id=client_id,
            retry_after=error.retry_after,
            fields=error.fields,
        )


# --- Of the person and their rooms ------------------------------------------------------------------


class Authenticated(Event):
    """The first event of a socket: who the reader is, limits and permissions."""

    type: Literal["authenticated"] = "authenticated"
    user_id: int
    username: str
    display_name: str
    staff: bool
    epoch: str
    server_time: str
    limits: dict[str, int]
    # Permissions in a room, by its state and role: sent once, not in each of 10,000 room entries.
    may: Permissions = Field(default={}, exclude_if=_is_empty)
    # The reader's own status and presence, and whom they block; left out where there is nothing.
    status: Status | None = Field(default=None, exclude_if=_is_none)
    presence: str = Field(default="auto", exclude_if=_is_auto)
    blocked: list[str] = Field(default=[], exclude_if=_is_empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEntry:
    """A room of a reader. An owner may have 10,000: each takes 0.8 KB, and took 3.4 KB as a model."""

    room: str
    title: str
    topic: str
    kind: str
    role: str
    seq: int
    rev: int
    read_seq: int
    unread: int
    mentions: int
    # The `seq` of the messages that `mentions` counts, in order; the newest of many.
    mentioned: list[int] = Field(default_factory=list, exclude_if=_is_empty)
    notify: str
    # The level chosen for this room; left out when the setting for all rooms applies.
    notify_level: str = Field(default="default", exclude_if=_is_default)
    muted: bool = Field(default=False, exclude_if=_is_false)
    archived: bool
    # The usernames of the other people of a group; no other room has this.
    people: list[str] | None = Field(default=None, exclude_if=_is_none)
    # The other person of a direct room; no other room has these two fields.
    username: str | None = Field(default=None, exclude_if=_is_none)
    user_id: int | None = Field(default=None, exclude_if=_is_none)
    # That person's name looks like another's.
    show_username: bool = Field(default=False, exclude_if=_is_false)
    # Only while the reader is muted.
    muted_until: str | None = Field(default=None, exclude_if=_is_none)
    # Left out where everybody may write, and without slow mode.
    posting: str = Field(default="everyone", exclude_if=_is_everyone)
    slow_seconds: int = Field(default=0, exclude_if=_is_empty)


class Rooms(Event):
    """The rooms of the reader."""

    type: Literal["rooms"] = "rooms"
    rooms: list[RoomEntry]
    # Whether the first list of a connection continues in the next event of this type.
    more: bool = Field(default=False, exclude_if=_is_false)


class Read(Event):
    """The reader's read mark moved, on another socket."""

    type: Literal["read"] = "read"
    room: str
    seq: int
    # The mark moved back: the messages after it were marked unread.
    unread: bool = Field(default=False, exclude_if=_is_false)


# --- Live only: no number, may be dropped -----------------------------------------------------------


class Typing(Event):
    """A member started or stopped typing."""

    ephemeral: ClassVar[bool] = True

    type: Literal["typing"] = "typing"
    room: str
    username: str
    is_typing: bool


class UserJoined(Event):
    """A member came online."""

    ephemeral: ClassVar[bool] = True

    type: Literal["user_joined"] = "user_joined"
    room: str
    username: str


class UserLeft(Event):
    """A member went offline."""

    ephemeral: ClassVar[bool] = True

    type: Literal["user_left"] = "user_left"
    room: str
    username: str


class Presence(Event):
    """The presence of people, by username."""

    ephemeral: ClassVar[bool] = True

    type: Literal["presence"] = "presence"
    users: dict[str, PresenceStatus]


class Person(Event):
    """The names of a person, also for earlier messages, or their status have changed."""

    type: Literal["person"] = "person"
    user_id: int
    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=_is_false)
    # Left out without one.
    status: Status | None = Field(default=None, exclude_if=_is_none)


class StatusChanged(Event):
    """The reader's own status and presence, set on another device."""

    type: Literal["status"] = "status"
    emoji: str
    text: str
    until: str | None
    presence: str


class Blocks(Event):
    """The usernames of all people whom the reader blocks."""

    type: Literal["blocks"] = "blocks"
    people: list[str]


class ReportsOpen(Event):
    """To moderators: how many reports of a room are open."""

    type: Literal["report"] = "report"
    room: str
    open: int


class Announcement(Event):
    """An announcement of the staff to all connected people."""

    type: Literal["announcement"] = "announcement"
    message: str
    username: str
    timestamp: str
