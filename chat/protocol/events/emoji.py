"""The facts of an emoji of the server's own."""

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol.omission import is_empty


class CustomEmoji(BaseModel):
    """An emoji of the server's own: `:name:`. `still`: the address of a picture that does not move; left out where
    `url` is one."""

    model_config = ConfigDict(frozen=True)

    name: str
    aliases: list[str]
    url: str
    still: str = Field(default="", exclude_if=is_empty)
    made_by: str
