"""Commands about threads: reading them, following them, and their list."""

from typing import Annotated, Literal

from pydantic import Field

from chat.protocol.commands.base import PAGE, SEND, SIGNAL, RoomCommand
from chat.protocol.fields import Cursor, PageSize, Seq

ThreadFilter = Literal["following", "unread", "all"]


class ThreadRead(RoomCommand):
    """Move the read mark of a thread forward."""

    cost = SIGNAL
    ordered = False

    type: Literal["thread_read"]
    thread: Seq
    seq: Cursor


class Follow(RoomCommand):
    """Follow a thread, or end it."""

    cost = SEND
    ordered = True

    type: Literal["follow"]
    thread: Seq
    on: bool


class Threads(RoomCommand):
    """List the reader's threads, the newest activity first; with `room`, only those of this room."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["threads"]
    filter: ThreadFilter = "following"
    # The `next` of the previous page.
    before: Annotated[str, Field(max_length=64)] | None = None
    limit: PageSize | None = None
