"""Threads: bodies, and where a page of them begins."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body, Digits
from chat.protocol.commands import ThreadFilter
from chat.protocol.fields import PageSize, Seq


class ThreadsQuery(BaseModel):
    """Which threads, and the `next` of the page before."""

    filter: ThreadFilter = "all"
    before: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[PageSize, Digits] | None = None


class ThreadReadUpTo(Body):
    """The `seq` of the last reply that was read."""

    seq: Seq
