"""Events of threads: the reader's marks in one, and their list."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from chat.protocol.events.base import Event, Reply
from chat.protocol.events.messages import Message


class Thread(Event):
    """The reader's part in a thread: it replaces the part that was known."""

    type: Literal["thread"] = "thread"
    room: str
    # The root's `seq`.
    thread: int
    read_seq: int
    unread: int
    mentions: int
    # How many of `mentions` are in replies that the room does not show, and so does not count.
    hidden_mentions: int
    following: bool


class ThreadEntry(BaseModel):
    """A thread in the reader's list."""

    model_config = ConfigDict(frozen=True)

    room: str
    title: str
    thread: int
    read_seq: int
    unread: int
    mentions: int
    # How many of `mentions` are in replies that the room does not show, and so does not count.
    hidden_mentions: int
    following: bool
    # The root; None while a clearing hides it.
    message: Message | None
    # The last two replies, in `seq` order.
    latest: list[Message]


class Threads(Reply):
    """A page of threads, the newest activity first. `next`: the `before` of the following page."""

    type: Literal["threads"] = "threads"
    threads: list[ThreadEntry]
    next: str | None
    # Of all threads that the reader follows: how many have unread replies, and how many of those mention the reader.
    unread: int
    mentions: int
    # By room, where it is not 0: the sum of `hidden_mentions`.
    hidden_mentions: dict[str, int]
