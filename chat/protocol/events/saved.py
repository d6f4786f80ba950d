"""Events of the messages that a person has saved: sent to their own sockets only."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol.events.base import Event, Reply
from chat.protocol.events.messages import Message
from chat.protocol.omission import is_false, is_none

SavedState = Literal["here", "deleted", "hidden"]


class Saved(Event):
    """The person saved a message on another socket, changed that, or ended it; or a reminder is due."""

    type: Literal["saved"] = "saved"
    room: str
    seq: int
    on: bool
    done: bool = False
    remind_at: str | None = None
    # A reminder is due: with the message, if the person may still read it.
    reminded: bool = Field(default=False, exclude_if=is_false)
    message: Message | None = Field(default=None, exclude_if=is_none)


class SavedItem(BaseModel):
    """A saved message. `state`: `hidden` is a message that the person can no longer read; only `here` has one."""

    model_config = ConfigDict(frozen=True)

    id: int
    room: str
    seq: int
    # The room's title, as the person sees it; "" when they can no longer read it.
    title: str
    saved_at: str
    done: bool
    remind_at: str | None
    reminded_at: str | None
    state: SavedState
    message: Message | None


class SavedMessages(Reply):
    """A page of the person's saved messages, those saved last first. `next`: the `before` of the following page.

    `places`: the `seq` of all that are to do, by room.
    """

    type: Literal["saved_messages"] = "saved_messages"
    saved: list[SavedItem]
    next: int | None
    places: dict[str, list[int]]
