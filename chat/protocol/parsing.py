"""From a frame to a command, or to the error that says what is wrong with it."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from chat.protocol.commands import COMMANDS, Command
from chat.protocol.errors import ChatError, Code


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
