"""Emoji of the server's own."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body
from chat.protocol.events import CustomEmoji
from chat.protocol.fields import FILE_ID, EmojiName


class EmojiList(BaseModel):
    """All of them. `may_add`: whether the caller may add some."""

    emoji: list[CustomEmoji]
    may_add: bool


class NewEmoji(Body):
    """A picture that was uploaded, by its id, and its names."""

    name: EmojiName
    file: Annotated[str, Field(pattern=f"^{FILE_ID}$")]
    aliases: Annotated[list[EmojiName], Field(max_length=10)] = []


class ChangedEmoji(Body):
    """Fields that are left out stay as they are."""

    name: EmojiName | None = None
    aliases: Annotated[list[EmojiName], Field(max_length=10)] | None = None
