"""Commands that read messages, and read marks."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from chat.protocol.commands.base import PAGE, SIGNAL, SIX_PAGES, Command, RoomCommand
from chat.protocol.fields import Cursor, Moment, PageSize, Seq, Slug

# Rooms per `resume`; a client with more sends several.
RESUME_ROOMS = 1000


class Read(RoomCommand):
    """Move the read mark forward."""

    cost = SIGNAL
    ordered = False

    type: Literal["read"]
    seq: Cursor


class MarkUnread(RoomCommand):
    """Mark a message, and those after it, as unread."""

    cost = SIGNAL
    ordered = False

    type: Literal["mark_unread"]
    seq: Seq


class ReadAll(Command):
    """Mark all rooms as read, to their last messages."""

    cost = PAGE
    ordered = True

    type: Literal["read_all"]


class History(RoomCommand):
    """Read a page of messages."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["history"]
    before: Seq | None = None
    after: Cursor | None = None
    around: Seq | None = None
    # Around the first message at or after that time.
    at: Moment | None = None
    limit: PageSize | None = None
    # The replies of this thread, instead of what the room shows.
    thread: Seq | None = None
    # Also the replies that only their threads show: for a client that has missed too much for a resume.
    all: bool = False

    @model_validator(mode="after")
    def _one_direction(self) -> "History":
        if sum(bound is not None for bound in (self.before, self.after, self.around, self.at)) > 1:
            raise ValueError("give one of before, after, around and at")
        return self


class Resume(Command):
    """Read what changed since the last connection, by room and `rev`."""

    cost = SIX_PAGES
    ordered = True
    reads = True

    type: Literal["resume"]
    epoch: Annotated[str, Field(max_length=64)]
    rooms: Annotated[dict[Slug, Cursor], Field(max_length=RESUME_ROOMS)]
