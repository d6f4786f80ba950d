"""Commands of clients: one JSON object a frame, parsed once into a typed command (`parsing`).

The class of a command declares its fields, its cost, and whether it keeps its order among messages. Its handler is in
`chat.live.handlers`.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from chat.protocol.fields import (
    Cursor,
    Description,
    Emoji,
    FileIds,
    KeepDays,
    Minutes,
    Moment,
    Reason,
    Seq,
    ShortText,
    SlowSeconds,
    Slug,
    StatusEmoji,
    StatusText,
    Text,
    Title,
    Token,
    Username,
    text_beside,
)

HISTORY_LIMIT = 100
Posting = Literal["everyone", "moderators"]
Role = Literal["owner", "moderator", "member"]
Presence = Literal["auto", "away", "busy"]
Outcome = Literal["deleted", "muted", "banned", "dismissed"]
# Rooms of one `resume`; a client with more sends several.
RESUME_ROOMS = 1000


class Budget(Enum):
    """A rate limit, shared by all sockets of one person."""

    # Commands that are sent to others, or write a system line.
    SENDS = auto()
    # Read marks and typing: limited separately, so that they cannot use up the sending of messages.
    SIGNALS = auto()
    # Commands that read much.
    READS = auto()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command takes from a budget. For `Budget.READS` the unit is one page of history."""

    budget: Budget | None
    tokens: int = 1


SEND = Cost(Budget.SENDS)
SIGNAL = Cost(Budget.SIGNALS)
PAGE = Cost(Budget.READS)
SIX_PAGES = Cost(Budget.READS, 6)
FREE = Cost(None)

# All commands, in the order of this file: each class with a `type`.
COMMANDS: list[type["Command"]] = []


class Command(BaseModel):
    """Base of all commands."""

    # Strict: "5" is not a number. Unknown fields are ignored, so that older servers accept newer clients.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    cost: ClassVar[Cost]
    # Whether a token that may only read can send it.
    reads: ClassVar[bool] = False
    # Whether it is executed after the messages that its socket sent before it, as leaving a room must be.
    ordered: ClassVar[bool]

    request_id: Annotated[str, Field(max_length=64)] | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "type" not in cls.model_fields:
            return
        if missing := [name for name in ("cost", "ordered") if name not in vars(cls)]:
            raise TypeError(f"The command {cls.__name__} does not declare its {' and '.join(missing)}.")
        COMMANDS.append(cls)

    @property
    def name(self) -> str:
        """The name of the command: its `command` where several share one `type`, else its `type`."""
        fields = vars(self)
        return str(fields.get("command") or fields["type"])


class RoomCommand(Command):
    """A command about a room. On a socket of one room, `room` can be left out."""

    room: Slug | None = None


class _Posting(Command):
    """What a message is made of. `files` before `message`, whose check looks at it."""

    files: FileIds = []
    message: str

    @field_validator("message")
    @classmethod
    def _visible(cls, text: str, info: ValidationInfo) -> str:
        # Invalid files are not in `data`: their problem is reported, not one of the text.
        return text_beside(bool(info.data.get("files", True)))(text)


class ChatMessage(_Posting, RoomCommand):
    """Post a message."""

    cost = SEND
    ordered = True

    type: Literal["chat_message", "room_message"]
    client_id: Token | None = None
    reply_to: Seq | None = None


class EditMessage(RoomCommand):
    """Replace the text of a message."""

    cost = SEND
    ordered = True

    type: Literal["edit_message"]
    seq: Seq
    message: Text


class DeleteMessage(RoomCommand):
    """Delete the content of a message."""

    cost = SEND
    ordered = True

    type: Literal["delete_message"]
    seq: Seq


class React(RoomCommand):
    """Add or remove a reaction."""

    cost = SEND
    ordered = True

    type: Literal["react"]
    seq: Seq
    emoji: Emoji
    on: bool


class Typing(RoomCommand):
    """Start or stop typing."""

    cost = SIGNAL
    ordered = False

    type: Literal["typing"]
    is_typing: bool


class Read(RoomCommand):
    """Move the read mark forward."""

    cost = SIGNAL
    ordered = False

    type: Literal["read"]
    seq: Cursor


class MarkUnread(RoomCommand):
    """Mark a message, and those after it, as unread."""

    cost = SIGNAL
    ordered = False

    type: Literal["mark_unread"]
    seq: Seq


class History(RoomCommand):
    """Read a page of messages."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["history"]
    before: Seq | None = None
    after: Cursor | None = None
    around: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=HISTORY_LIMIT)] | None = None

    @model_validator(mode="after")
    def _one_direction(self) -> "History":
        if sum(bound is not None for bound in (self.before, self.after, self.around)) > 1:
            raise ValueError("give one of before, after and around")
        return self


class Search(Command):
    """Find messages by their text, author, room and day."""

    cost = PAGE
    ordered = False

    type: Literal["search"]
    query: str
    limit: Annotated[int, Field(ge=1, le=HISTORY_LIMIT)] | None = None
    after: Annotated[str, Field(max_length=64)] | None = None
    # The name of the time zone of the days in the query.
    tz: Annotated[str, Field(max_length=64)] = ""
    # Also in public rooms of which the reader is no member.
    public: bool = False


class Resume(Command):
    """Read what changed since the last connection, by room and `rev`."""

    cost = SIX_PAGES
    ordered = True
    reads = True

    type: Literal["resume"]
    epoch: Annotated[str, Field(max_length=64)]
    rooms: Annotated[dict[Slug, Cursor], Field(max_length=RESUME_ROOMS)]


class JoinRoom(Command):
    """Enter a room; become a member of a public one."""

    # Costs more when it creates a membership.
    cost = PAGE
    ordered = True
    reads = True

    type: Literal["join_room"]
    room: Slug


class LeaveRoom(RoomCommand):
    """End the membership."""

    cost = SEND
    ordered = True

    type: Literal["leave_room"]


class PrivateMessage(_Posting, Command):
    """Post a message to one person; the direct room is created with the first."""

    cost = SEND
    ordered = True

    type: Literal["private_message"]
    to: Username
    client_id: Token | None = None


class Broadcast(Command):
    """Send an announcement to all connected people (staff)."""

    cost = SEND
    ordered = True

    type: Literal["broadcast"]
    message: Text


class Ping(Command):
    """Check that the connection is alive."""

    cost = FREE
    ordered = False
    reads = True

    type: Literal["ping"]


class Users(RoomCommand):
    """List the members of a room."""

    cost = SIX_PAGES
    ordered = True
    reads = True

    type: Literal["command"]
    command: Literal["users"]


class Clear(RoomCommand):
    """Hide all messages so far."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["clear"]


class Kick(RoomCommand):
    """Remove a member."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["kick"]
    username: Username
    reason: ShortText = ""


class Ban(RoomCommand):
    """Ban a member, for some minutes or permanently."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["ban"]
    username: Username
    minutes: Minutes | None = None
    reason: ShortText = ""


class Unban(RoomCommand):
    """Lift a ban."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["unban"]
    username: Username


class Mute(RoomCommand):
    """Mute a member for some minutes."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["mute"]
    username: Username
    minutes: Minutes
    reason: ShortText = ""


class Unmute(RoomCommand):
    """End a mute."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["unmute"]
    username: Username


class Topic(RoomCommand):
    """Set the topic."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["topic"]
    topic: ShortText


class RoomUpdate(RoomCommand):
    """Change the room's facts that are given. `keep_days` null or 0: messages are kept for ever."""

    cost = SEND
    ordered = True

    type: Literal["room_update"]
    title: Title | None = None
    topic: ShortText | None = None
    description: Description | None = None
    archived: bool | None = None
    posting: Posting | None = None
    slow_seconds: SlowSeconds | None = None
    keep_days: KeepDays | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The facts to change, by name."""
        given = self.model_dump(include=self.model_fields_set - {"type", "room", "request_id"})
        if "keep_days" in given:
            given["keep_days"] = given["keep_days"] or 0
        return given


class SetRole(RoomCommand):
    """Give a member another role."""

    cost = SEND
    ordered = True

    type: Literal["role"]
    username: Username
    role: Role


class Bans(RoomCommand):
    """List the bans of a room, the newest first."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["bans"]
    before: Seq | None = None


class Audit(RoomCommand):
    """List what moderators did in a room, the newest first."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["audit"]
    before: Seq | None = None


class SetStatus(Command):
    """Change the person's own status and presence; fields that are left out stay. Null or "" takes a value away."""

    cost = SEND
    ordered = False

    type: Literal["status"]
    emoji: StatusEmoji | None = None
    text: StatusText | None = None
    until: Moment | None = None
    presence: Presence = "auto"

    @property
    def changes(self) -> dict[str, Any]:
        """The values to change, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"type", "request_id"}}


class Block(Command):
    """Block a person, or end it."""

    cost = SEND
    ordered = True

    type: Literal["block"]
    username: Username
    on: bool


class GroupMessage(_Posting, Command):
    """Post a message to the group conversation of exactly these people, created with the first."""

    cost = SEND
    ordered = True

    type: Literal["group_message"]
    to: Annotated[list[Username], Field(min_length=1, max_length=50)]
    client_id: Token | None = None


class Report(RoomCommand):
    """Report a message to those who moderate the room."""

    cost = SEND
    ordered = True

    type: Literal["report"]
    seq: Seq
    reason: Reason


class Reports(RoomCommand):
    """List the open reports of a room, the newest first; `closed`: those that were handled."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["reports"]
    before: Seq | None = None
    closed: bool = False


class CloseReport(RoomCommand):
    """End a report."""

    cost = SEND
    ordered = True

    type: Literal["report_close"]
    id: Seq
    outcome: Outcome
