"""Searching messages."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chat.api.schemas.base import Digits, Number
from chat.protocol.commands import InboxKind
from chat.protocol.fields import PageSize


class SearchQuery(BaseModel):
    """What to look for, and where to go on."""

    q: Annotated[str, Field(description="Words, phrases and filters.")] = ""
    limit: Annotated[PageSize, Digits] | None = None
    after: Annotated[str | None, Field(max_length=64, description="`next` of the page before.")] = None
    tz: Annotated[str, Field(max_length=64, description="The time zone of the days in `q`, by its name.")] = ""
    public: Annotated[bool, Field(description="Also in public rooms that you have not joined.")] = False
    order: Annotated[Literal["newest", "best"], Field(description="`best`: of the newest 200, the best first.")] = (
        "newest"
    )


class InboxQuery(BaseModel):
    """What is listed, and where to go on."""

    kind: Annotated[InboxKind, Field(description="`reactions`: those to your messages.")] = "mentions"
    before: Annotated[Number | None, Field(description="The `id` of the last item of the page before.")] = None
    limit: Annotated[PageSize, Digits] | None = None
