"""The facts of a file."""

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol.omission import is_empty, is_none


class FileFacts(BaseModel):
    """A file of a message. `type` is the media type found in its bytes; `width` and `height` are in pixels as shown,
    `duration` in seconds; `thumbs` are addresses by the longer side, `placeholder` a tiny picture as a `data:` one."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    size: int
    type: str
    url: str
    width: int | None = Field(default=None, exclude_if=is_none)
    height: int | None = Field(default=None, exclude_if=is_none)
    duration: float | None = Field(default=None, exclude_if=is_none)
    thumbs: dict[str, str] = Field(default={}, exclude_if=is_empty)
    placeholder: str = Field(default="", exclude_if=is_empty)
    description: str = Field(default="", exclude_if=is_empty)
