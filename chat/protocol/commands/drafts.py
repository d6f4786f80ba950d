"""Commands about what a person has begun to write."""

from typing import Literal

from chat.protocol.commands.base import PAGE, SIGNAL, Command, RoomCommand
from chat.protocol.fields import DraftText, Moment, Seq


class Draft(RoomCommand):
    """Keep what was begun in a room or thread for the person's other devices; an empty text deletes it."""

    cost = SIGNAL
    # Executed after earlier messages: a post ends the draft of its room.
    ordered = True

    type: Literal["draft"]
    thread: Seq | None = None
    text: DraftText
    # When it was written; without it, now.
    at: Moment | None = None


class Drafts(Command):
    """List all drafts."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["drafts"]
