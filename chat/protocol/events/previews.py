"""The facts of a page that a message links to."""

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol.omission import is_empty, is_false, is_none


class PreviewImage(BaseModel):
    """The picture of a page: our copy, with its size in pixels. `large`: the page asks for a large one."""

    model_config = ConfigDict(frozen=True)

    url: str
    width: int
    height: int
    large: bool = Field(default=False, exclude_if=is_false)


class PreviewFacts(BaseModel):
    """A page that a message links to. `url` is the address in the message."""

    model_config = ConfigDict(frozen=True)

    url: str
    title: str
    description: str = Field(default="", exclude_if=is_empty)
    site: str = Field(default="", exclude_if=is_empty)
    image: PreviewImage | None = Field(default=None, exclude_if=is_none)
