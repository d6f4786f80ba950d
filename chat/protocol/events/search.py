"""What a search found."""

from typing import Literal

from pydantic import BaseModel, Field

from chat.protocol.events.base import Reply
from chat.protocol.events.messages import Message
from chat.protocol.omission import is_empty, is_none


class SearchResult(BaseModel):
    """A message that was found. `marks` are the places that matched, as offsets in code points."""

    message: Message
    room: str
    # The other person's name in a direct room.
    title: str
    marks: list[tuple[int, int]]


class Search(Reply):
    """The messages that were found, the newest first. `next` is the `after` of the following page."""

    type: Literal["search"] = "search"
    results: list[SearchResult]
    next: str | None
    # Messages older than this are not all indexed yet.
    indexed_until: str | None = Field(default=None, exclude_if=is_none)
    warnings: list[str] = Field(default=[], exclude_if=is_empty)
