"""The command that searches."""

from typing import Annotated, Literal

from pydantic import Field

from chat.protocol.commands.base import PAGE, Command
from chat.protocol.fields import PageSize


class Search(Command):
    """Find messages by their text, author, room and day."""

    cost = PAGE
    ordered = False
    reads = True

    type: Literal["search"]
    query: str
    limit: PageSize | None = None
    after: Annotated[str, Field(max_length=64)] | None = None
    # The name of the time zone of the days in the query.
    tz: Annotated[str, Field(max_length=64)] = ""
    # Also in public rooms that the reader has not joined.
    public: bool = False
    # "best": the best matches first, of the newest 200.
    order: Literal["newest", "best"] = "newest"
