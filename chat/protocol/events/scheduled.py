"""The reader's messages that are sent later."""

from typing import Literal

from pydantic import BaseModel

from chat.protocol.events.base import Reply
from chat.protocol.events.files import FileFacts


class ScheduledItem(BaseModel):
    """A message that waits. `at`, `zone` and `fold`: as it was chosen; `due`: the moment. `state`: `waiting`,
    `sending`, or `refused` with `code` and `problem`."""

    id: int
    # "": the room was deleted.
    room: str
    message: str
    reply_to: int | None
    thread: int | None
    in_room: bool
    files: list[FileFacts]
    at: str
    zone: str
    fold: int
    due: str
    state: str
    code: str
    problem: str


class Scheduled(Reply):
    """A scheduled message as it is now; `state` may also be `sent` (as `seq`) or `cancelled`: then it is gone."""

    type: Literal["scheduled"] = "scheduled"
    id: int
    room: str
    message: str
    reply_to: int | None
    thread: int | None
    in_room: bool
    files: list[FileFacts]
    at: str
    zone: str
    fold: int
    due: str
    state: str
    code: str
    problem: str
    seq: int | None = None


class Schedules(Reply):
    """All scheduled messages of the reader, the next one first."""

    type: Literal["schedules"] = "schedules"
    schedules: list[ScheduledItem]
