"""Commands of clients: one JSON object a frame, parsed here once into a typed command.

The class of a command declares its fields, its cost, and whether it keeps its order among messages. Its handler is in
`chat.live.handlers`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import from_json

from chat.protocol.errors import ChatError, Code
from chat.protocol.fields import Cursor, Emoji, Minutes, Seq, ShortText, Slug, Text, Token, Username

HISTORY_LIMIT = 100
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


class ChatMessage(RoomCommand):
    """Post a message."""

    cost = SEND
    ordered = True

    type: Literal["chat_message", "room_message"]
    message: Text
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


class Resume(Command):
    """Read what changed since the last connection, by room and `rev`."""

    cost = SIX_PAGES
    ordered = True

    type: Literal["resume"]
    epoch: Annotated[str, Field(max_length=64)]
    rooms: Annotated[dict[Slug, Cursor], Field(max_length=RESUME_ROOMS)]


class JoinRoom(Command):
    """Enter a room; become a member of a public one."""

    # Costs more when it creates a membership.
    cost = PAGE
    ordered = True

    type: Literal["join_room"]
    room: Slug


class LeaveRoom(RoomCommand):
    """End the membership."""

    cost = SEND
    ordered = True

    type: Literal["leave_room"]


class PrivateMessage(Command):
    """Post a message to one person; the direct room is created with the first."""

    cost = SEND
    ordered = True

    type: Literal["private_message"]
    to: Username
    message: Text
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

    type: Literal["ping"]


class Users(RoomCommand):
    """List the members of a room."""

    cost = SIX_PAGES
    ordered = True

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


def _union(classes: Iterable[type[Command]], discriminator: str) -> Any:
    return Annotated[reduce(or_, classes), Field(discriminator=discriminator)]


# Commands with `"type": "command"` differ by their field `command`.
_named = _union((one for one in COMMANDS if "command" in one.model_fields), "command")
_frames: TypeAdapter[Command] = TypeAdapter(
    _union([*(one for one in COMMANDS if "command" not in one.model_fields), _named], "type")
)

_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "too_long": "has too many entries",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
}


class BadFrame(ChatError):
    """Raised for a frame that is no command; has the ids that could still be read from it."""

    request_id: str | None = None
    client_id: str | None = None


def parse(frame: str) -> Command:
    """Parse one frame.

    Raises:
        BadFrame: `bad_json`, `unknown_type` or `invalid`.
    """
    try:
        return _frames.validate_json(frame)
    except ValidationError as error:
        raise _bad_frame(frame, error) from None


def field_errors(error: ValidationError, *, skip: int = 0) -> dict[str, str]:
    """The problem of each field, by name. `skip`: leading parts of each location to leave out."""
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        place = ".".join(str(part) for part in detail["loc"][skip:] if part != "[key]") or "frame"
        words = _WORDS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
        found.setdefault(place[:100], words[:200])
    return found


def _bad_frame(frame: str, error: ValidationError) -> BadFrame:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return BadFrame(Code.BAD_JSON, "The frame is not JSON.")
    raw = from_json(frame)
    if not isinstance(raw, Mapping):
        return BadFrame(Code.BAD_JSON, "Send one JSON object a frame.")
    if first["type"] in {"union_tag_not_found", "union_tag_invalid"} and not first["loc"]:
        bad = BadFrame(Code.UNKNOWN_TYPE, "There is no command of that type.")
    elif first["type"] in {"union_tag_not_found", "union_tag_invalid"}:
        bad = BadFrame(Code.INVALID, "There is no such command.", fields={"command": "is not known"})
    else:
        fields = field_errors(error, skip=2 if first["loc"][:1] == ("command",) else 1)
        name, problem = next(iter(fields.items()))
        bad = BadFrame(Code.INVALID, f"{name}: {problem}.", fields=fields)
    bad.request_id = _short_text(raw, "request_id")
    bad.client_id = _short_text(raw, "client_id")
    return bad


def _short_text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) and len(value) <= 64 else None
