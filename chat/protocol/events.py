"""What the server sends: one model an event; nothing else in the project knows the names of their fields."""

from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from chat.protocol.errors import ChatError

PresenceStatus = Literal["online", "offline"]
# Names of actions, by place ("open", "muted", "archived", "direct") and by role.
Permissions = dict[str, dict[str, tuple[str, ...]]]
LeftReason = Literal["left", "kicked", "banned", "archived"]


def stamp(moment: datetime) -> str:
    """A moment as it goes over the wire: ISO 8601, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _is_false(value: object) -> bool:
    return value is False


def _is_default(value: object) -> bool:
    return value == "default"


def _is_empty(value: object) -> bool:
    return not value


def _is_none(value: object) -> bool:
    return value is None


class Event(BaseModel):
    model_config = ConfigDict(frozen=True)

    # Fields that are None are left out of the frame rather than sent as null.
    sparse: ClassVar[bool] = False
    # May be dropped for a socket that does not keep up.
    ephemeral: ClassVar[bool] = False

    def encode(self) -> str:
        return self.model_dump_json(exclude_none=self.sparse)


class Reply(Event):
    """An event that answers a command and carries its `request_id` back."""

    request_id: str | None = None

    def encode(self) -> str:
        if self.sparse or self.request_id is not None:
            return self.model_dump_json(exclude_none=self.sparse)
        return self.model_dump_json(exclude={"request_id"})


# --- Durable: each takes the next `rev` of its room -------------------------------------------------


# What system lines tell of. Readers put it in their own words, and take the sentence for what they do not know.
SystemEvent = Literal["joined", "left", "added", "kicked", "banned", "topic", "renamed", "cleared", "owner"]


class Message(Event):
    """The whole state of one message; it replaces what is known for (room, seq), unless that has a higher rev."""

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
    # Another account's name looks like this one: the username is to be shown beside it.
    show_username: bool = Field(default=False, exclude_if=_is_false)
    # The facts of a system line, its `event` a SystemEvent; no other message has the field.
    system: dict[str, Any] | None = Field(default=None, exclude_if=_is_none)
    # Deleted, and a system line before: it never counted as unread.
    was_system: bool = Field(default=False, exclude_if=_is_false)


class Cleared(Event):
    """Messages with `seq` < `before_seq` are no longer shown."""

    type: Literal["cleared"] = "cleared"
    room: str
    before_seq: int
    rev: int


class RoomFacts(Event):
    """The room's own facts as they are now."""

    type: Literal["room"] = "room"
    room: str
    rev: int
    title: str
    topic: str
    kind: str
    archived: bool


Durable = Message | Cleared | RoomFacts

# --- Replies ----------------------------------------------------------------------------------------


class Ack(Reply):
    sparse: ClassVar[bool] = True

    type: Literal["ack"] = "ack"
    room: str | None = None
    seq: int | None = None
    rev: int | None = None
    timestamp: str | None = None


class PostedAck(Reply):
    """Of a message that was posted: it says of everything what it is, also that there was no `client_id`."""

    type: Literal["ack"] = "ack"
    client_id: str | None
    room: str
    seq: int
    rev: int
    timestamp: str
    duplicate: bool
    # People it names who are not in the room: nobody has called them.
    outside: list[str] = Field(default=[], exclude_if=_is_empty)


class Pong(Reply):
    type: Literal["pong"] = "pong"
    timestamp: str


class History(Reply):
    """States in `seq` order."""

    type: Literal["history"] = "history"
    room: str
    messages: list[Message]
    has_older: bool
    has_newer: bool


class Resumed(Reply):
    """Every change after the given rev up to `rev`, in `rev` order; or, not `complete`, a wish to load history anew."""

    type: Literal["resumed"] = "resumed"
    room: str
    complete: bool
    messages: list[Durable]
    rev: int


class JoinedRoom(Reply):
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
    unread: int | None = Field(default=None, exclude_if=_is_none)
    mentions: int | None = Field(default=None, exclude_if=_is_none)
    mentioned: list[int] = Field(default=[], exclude_if=_is_empty)


class LeftRoom(Reply):
    type: Literal["left_room"] = "left_room"
    room: str
    reason: LeftReason
    # What the moderator gave as the reason, and until when a ban lasts; left out where there is none.
    why: str = Field(default="", exclude_if=_is_empty)
    until: str | None = Field(default=None, exclude_if=_is_none)


class UserEntry(BaseModel):
    username: str
    display_name: str
    role: str
    online: bool
    typing: bool
    show_username: bool = Field(default=False, exclude_if=_is_false)
    # Told to those who may lift it.
    muted: bool = Field(default=False, exclude_if=_is_false)
    user_id: int | None = Field(default=None, exclude_if=_is_none)
    # Told to moderators and those above: they may act on this person.
    below: bool = Field(default=False, exclude_if=_is_false)


class Users(Reply):
    type: Literal["users"] = "users"
    room: str
    users: list[UserEntry]


class Error(Reply):
    sparse: ClassVar[bool] = True

    type: Literal["error"] = "error"
    code: str
    message: str
    client_id: str | None = None
    retry_after: float | None = None
    fields: dict[str, str] | None = None

    @classmethod
    def of(cls, error: ChatError, *, request_id: str | None = None, client_id: str | None = None) -> "Error":
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
    type: Literal["authenticated"] = "authenticated"
    user_id: int
    username: str
    display_name: str
    staff: bool
    epoch: str
    server_time: str
    limits: dict[str, int]
    # What may be done in a room, by place and role: once, and not in each of 10,000 entries. They name their role.
    may: Permissions = Field(default={}, exclude_if=_is_empty)


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
    # Which messages `mentions` counts, in order; the newest of many.
    mentioned: list[int] = Field(default_factory=list, exclude_if=_is_empty)
    notify: str
    # What was chosen for this room, left out when that is the person's own choice for all.
    notify_level: str = Field(default="default", exclude_if=_is_default)
    muted: bool = Field(default=False, exclude_if=_is_false)
    archived: bool
    # The other person of a direct room; no other room has these two fields.
    username: str | None = Field(default=None, exclude_if=_is_none)
    user_id: int | None = Field(default=None, exclude_if=_is_none)
    # That person's name looks like another's.
    show_username: bool = Field(default=False, exclude_if=_is_false)
    # Only while one may not speak there.
    muted_until: str | None = Field(default=None, exclude_if=_is_none)


class Rooms(Event):
    type: Literal["rooms"] = "rooms"
    rooms: list[RoomEntry]
    # The first list of a connection goes on in the next event of this type.
    more: bool = Field(default=False, exclude_if=_is_false)


class Read(Event):
    type: Literal["read"] = "read"
    room: str
    seq: int
    # It went back: what follows was marked unread.
    unread: bool = Field(default=False, exclude_if=_is_false)


# --- Live only: no number, may be dropped -----------------------------------------------------------


class Typing(Event):
    ephemeral: ClassVar[bool] = True

    type: Literal["typing"] = "typing"
    room: str
    username: str
    is_typing: bool


class UserJoined(Event):
    ephemeral: ClassVar[bool] = True

    type: Literal["user_joined"] = "user_joined"
    room: str
    username: str


class UserLeft(Event):
    ephemeral: ClassVar[bool] = True

    type: Literal["user_left"] = "user_left"
    room: str
    username: str


class Presence(Event):
    ephemeral: ClassVar[bool] = True

    type: Literal["presence"] = "presence"
    users: dict[str, PresenceStatus]


class Person(Event):
    """The names somebody is shown by have changed; everything they said goes by the new ones."""

    type: Literal["person"] = "person"
    user_id: int
    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=_is_false)


class Announcement(Event):
    type: Literal["announcement"] = "announcement"
    message: str
    username: str
    timestamp: str
