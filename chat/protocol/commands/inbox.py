"""What concerns the reader, in all their rooms."""

from typing import Literal

from chat.protocol.commands.base import PAGE, Command
from chat.protocol.fields import PageSize, Seq

InboxKind = Literal["mentions", "reactions"]


class Inbox(Command):
    """List the messages that name the reader, or the reactions to the reader's messages, the newest first."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["inbox"]
    kind: InboxKind = "mentions"
    # The id of the last item of the previous page.
    before: Seq | None = None
    limit: PageSize | None = None
