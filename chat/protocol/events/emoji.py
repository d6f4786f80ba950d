"""The emoji of the server's own: the facts of one, the list of them, and a change."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol.events.base import Event, Reply
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


class OwnEmoji(Reply):
    """A page of them by name. `next` begins the following page; null at the end. `may_add`: whether the reader may add
    some."""

    type: Literal["emoji"] = "emoji"
    emoji: list[CustomEmoji]
    next: str | None
    may_add: bool


class EmojiChanged(Event):
    """The emoji that was shown as `name` until now has these facts, or is new; null: it was deleted."""

    type: Literal["emoji_changed"] = "emoji_changed"
    name: str
    emoji: CustomEmoji | None
