"""Pages of messages, the changes since a `rev`, and read marks."""

from typing import Literal

from pydantic import Field

from chat.protocol.events.base import Event, Reply
from chat.protocol.events.messages import Message
from chat.protocol.events.rooms import Cleared, RoomFacts
from chat.protocol.events.threads import Thread
from chat.protocol.omission import is_false, is_none

Durable = Message | Cleared | RoomFacts


class History(Reply):
    """A page of messages in `seq` order."""

    type: Literal["history"] = "history"
    room: str
    messages: list[Message]
    has_older: bool
    has_newer: bool
    # Beside what was asked for, so that a client joins the page to what it holds: numbers of a room have holes.
    before: int | None = Field(default=None, exclude_if=is_none)
    after: int | None = Field(default=None, exclude_if=is_none)
    # For a thread: its root's `seq`, and the root, which is omitted while a clearing hides it.
    thread: int | None = Field(default=None, exclude_if=is_none)
    # The reader's state in it; omitted for people who never followed it.
    part: Thread | None = Field(default=None, exclude_if=is_none)
    root: Message | None = Field(default=None, exclude_if=is_none)


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
