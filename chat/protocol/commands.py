"""What a client may send: one JSON object a frame, parsed here once into a typed command.

A command is declared here once: its fields, what it costs, and whether it keeps its place among messages. The handler
of each is in `chat.live.handlers`.
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
# Rooms one `resume` may name; a client that holds more asks again.
RESUME_ROOMS = 1000


class Budget(Enum):
    """What is counted together over all sockets of one person."""

    # What others are sent, or what writes a line.
    SENDS = auto()
    # Small news of oneself: who types and reads a lot can still send.
    SIGNALS = auto()
    # What is answered by reading much.
    READS = auto()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command takes from its sender's budget: of `Budget.READS` pages of history, or what costs as much."""

    budget: Budget | None
    tokens: int = 1


SEND = Cost(Budget.SENDS)
SIGNAL = Cost(Budget.SIGNALS)
PAGE = Cost(Budget.READS)
SIX_PAGES = Cost(Budget.READS, 6)
FREE = Cost(None)

# Every command there is, in the order of this file: a class with a `type` is one.
COMMANDS: list[type["Command"]] = []


class Command(BaseModel):
    # Strict: "5" is not a number. Unknown fields are let be, so that older servers take newer clients.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    cost: ClassVar[Cost]
    # Takes effect after the messages that its socket sent before it: said first, then left, or cleared.
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
        """What the wire calls it: its `command` where all those of one `type` share it, else its `type`."""
        fields = vars(self)
        return str(fields.get("command") or fields["type"])


class RoomCommand(Command):
    """A command about a room; on the socket of one room the room may be left out."""

    room: Slug | None = None


class ChatMessage(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["chat_message", "room_message"]
    message: Text
    client_id: Token | None = None
    reply_to: Seq | None = None


class EditMessage(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["edit_message"]
    seq: Seq
    message: Text


class DeleteMessage(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["delete_message"]
    seq: Seq


class React(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["react"]
    seq: Seq
    emoji: Emoji
    on: bool


class Typing(RoomCommand):
    cost = SIGNAL
    ordered = False

    type: Literal["typing"]
    is_typing: bool


class Read(RoomCommand):
    cost = SIGNAL
    ordered = False

    type: Literal["read"]
    seq: Cursor


class MarkUnread(RoomCommand):
    cost = SIGNAL
    ordered = False

    type: Literal["mark_unread"]
    seq: Seq


class History(RoomCommand):
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
    cost = SIX_PAGES
    ordered = True

    type: Literal["resume"]
    epoch: Annotated[str, Field(max_length=64)]
    rooms: Annotated[dict[Slug, Cursor], Field(max_length=RESUME_ROOMS)]


class JoinRoom(Command):
    # Joining pays once more when it makes somebody a member.
    cost = PAGE
    ordered = True

    type: Literal["join_room"]
    room: Slug


class LeaveRoom(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["leave_room"]


class PrivateMessage(Command):
    cost = SEND
    ordered = True

    type: Literal["private_message"]
    to: Username
    message: Text
    client_id: Token | None = None


class Broadcast(Command):
    cost = SEND
    ordered = True

    type: Literal["broadcast"]
    message: Text


class Ping(Command):
    cost = FREE
    ordered = False

    type: Literal["ping"]


class Users(RoomCommand):
    cost = SIX_PAGES
    ordered = True

    type: Literal["command"]
    command: Literal["users"]


class Clear(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["clear"]


class Kick(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["kick"]
    username: Username
    reason: ShortText = ""


class Ban(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["ban"]
    username: Username
    minutes: Minutes | None = None
    reason: ShortText = ""


class Unban(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["unban"]
    username: Username


class Mute(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["mute"]
    username: Username
    minutes: Minutes
    reason: ShortText = ""


class Unmute(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["unmute"]
    username: Username


class Topic(RoomCommand):
    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["topic"]
    topic: ShortText


def _union(classes: Iterable[type[Command]], discriminator: str) -> Any:
    return Annotated[reduce(or_, classes), Field(discriminator=discriminator)]


# Those of `"type": "command"` are told apart by their field `command`.
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
    """Raised when a frame is not a command; carries the ids that could still be read from it."""

    request_id: str | None = None
    client_id: str | None = None


def parse(frame: str) -> Command:
    """Read one frame.

    Raises:
        BadFrame: `bad_json`, `unknown_type` or `invalid`.
    """
    try:
        return _frames.validate_json(frame)
    except ValidationError as error:
        raise _bad_frame(frame, error) from None


def field_errors(error: ValidationError, *, skip: int = 0) -> dict[str, str]:
    """What is wrong, by field name; `skip` leaves out the leading parts of each place."""
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
