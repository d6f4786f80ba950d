"""What the reader has begun to write."""

from typing import Literal

from pydantic import BaseModel

from chat.protocol.events.base import Event, Reply


class DraftItem(BaseModel):
    """A draft. `thread`: the `seq` of its root, or null; `at`: when it was written."""

    room: str
    thread: int | None
    text: str
    at: str


class Draft(Event):
    """A draft of the reader as it was written on another device; without text it was sent or deleted."""

    type: Literal["draft"] = "draft"
    room: str
    thread: int | None
    text: str
    at: str


class Drafts(Reply):
    """All drafts of the reader, the newest first."""

    type: Literal["drafts"] = "drafts"
    drafts: list[DraftItem]
