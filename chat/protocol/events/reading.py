"""Pages of messages, the changes since a `rev`, and read marks."""

from typing import Literal

from pydantic import Field

from chat.protocol.events.base import Event, Reply
from chat.protocol.events.messages import Message
from chat.protocol.events.rooms import Cleared, RoomFacts
from chat.protocol.omission import is_false

Durable = Message | Cleared | RoomFacts


class History(Reply):
    """A page of messages in `seq` order."""

    type: Literal["history"] = "history"
    room: str
    messages: list[Message]
    has_older: bool
    has_newer: bool


class Resumed(Reply):
    """Every change after the given rev up to `rev`, in `rev` order; when `complete` is false, load the history
    instead."""

    type: Literal["resumed"] = "resumed"
    room: str
    complete: bool
    messages: list[Durable]
    rev: int


class Read(Event):
    """The reader's read mark moved, on another socket."""

    type: Literal["read"] = "read"
    room: str
    seq: int
    # The mark moved back: the messages after it were marked unread.
    unread: bool = Field(default=False, exclude_if=is_false)
