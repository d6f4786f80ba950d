"""What a client may send: one JSON object a frame, parsed here once into a typed command."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import from_json

from chat.protocol.errors import ChatError, Code
from chat.protocol.fields import Cursor, Emoji, Minutes, Seq, ShortText, Slug, Text, Token, Username

HISTORY_LIMIT = 100
# Rooms one `resume` may name; a client that holds more asks again.
RESUME_ROOMS = 1000


class Command(BaseModel):
    # Strict: "5" is not a number. Unknown fields are let be, so that older servers take newer clients.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    request_id: Annotated[str, Field(max_length=64)] | None = None


class RoomCommand(Command):
    """A command about a room; on the socket of one room the room may be left out."""

    room: Slug | None = None


class ChatMessage(RoomCommand):
    type: Literal["chat_message", "room_message"]
    message: Text
    client_id: Token | None = None
    reply_to: Seq | None = None


class EditMessage(RoomCommand):
    type: Literal["edit_message"]
    seq: Seq
    message: Text


class DeleteMessage(RoomCommand):
    type: Literal["delete_message"]
    seq: Seq


class React(RoomCommand):
    type: Literal["react"]
    seq: Seq
    emoji: Emoji
    on: bool


class Typing(RoomCommand):
    type: Literal["typing"]
    is_typing: bool


class Read(RoomCommand):
    type: Literal["read"]
    seq: Cursor


class MarkUnread(RoomCommand):
    type: Literal["mark_unread"]
    seq: Seq


class History(RoomCommand):
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
    type: Literal["resume"]
    epoch: Annotated[str, Field(max_length=64)]
    rooms: Annotated[dict[Slug, Cursor], Field(max_length=RESUME_ROOMS)]


class JoinRoom(Command):
    type: Literal["join_room"]
    room: Slug


class LeaveRoom(RoomCommand):
    type: Literal["leave_room"]


class PrivateMessage(Command):
    type: Literal["private_message"]
    to: Username
    message: Text
    client_id: Token | None = None


class Broadcast(Command):
    type: Literal["broadcast"]
    message: Text


class Ping(Command):
    type: Literal["ping"]


class Users(RoomCommand):
    type: Literal["command"]
    command: Literal["users"]


class Clear(RoomCommand):
    type: Literal["command"]
    command: Literal["clear"]


class Kick(RoomCommand):
    type: Literal["command"]
    command: Literal["kick"]
    username: Username
    reason: ShortText = ""


class Ban(RoomCommand):
    type: Literal["command"]
    command: Literal["ban"]
    username: Username
    minutes: Minutes | None = None
    reason: ShortText = ""


class Unban(RoomCommand):
    type: Literal["command"]
    command: Literal["unban"]
    username: Username


class Mute(RoomCommand):
    type: Literal["command"]
    command: Literal["mute"]
    username: Username
    minutes: Minutes
    reason: ShortText = ""


class Unmute(RoomCommand):
    type: Literal["command"]
    command: Literal["unmute"]
    username: Username


class Topic(RoomCommand):
    type: Literal["command"]
    command: Literal["topic"]
    topic: ShortText


RoleCommand = Annotated[Users | Clear | Kick | Ban | Unban | Mute | Unmute | Topic, Field(discriminator="command")]
PlainCommand = (
    ChatMessage
    | EditMessage
    | DeleteMessage
    | React
    | Typing
    | Read
    | MarkUnread
    | History
    | Resume
    | JoinRoom
    | LeaveRoom
    | PrivateMessage
    | Broadcast
    | Ping
)
AnyCommand = PlainCommand | Users | Clear | Kick | Ban | Unban | Mute | Unmute | Topic
_frames: TypeAdapter[AnyCommand] = TypeAdapter(Annotated[PlainCommand | RoleCommand, Field(discriminator="type")])

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


def parse(frame: str) -> AnyCommand:
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
