"""What concerns the reader, in all their rooms."""

from typing import Literal

from pydantic import BaseModel, Field

from chat.protocol.events.base import Reply
from chat.protocol.events.messages import Message
from chat.protocol.omission import is_empty


class InboxItem(BaseModel):
    """A message that names the reader, or a message of theirs with one reaction: `by` whom, and which `emoji`."""

    id: int
    # The room's title; "" if it has none.
    title: str
    message: Message
    by: str = Field(default="", exclude_if=is_empty)
    emoji: str = Field(default="", exclude_if=is_empty)


class Inbox(Reply):
    """A page of it, the newest first. The `id` of the last item begins the page after it."""

    type: Literal["inbox"] = "inbox"
    kind: str
    items: list[InboxItem]
    has_older: bool
