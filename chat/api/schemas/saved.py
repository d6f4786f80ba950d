"""Saved messages."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body, Digits, Number
from chat.protocol.fields import LocalMoment, PageSize


class SavedChange(Body):
    """Fields that are left out stay as they are. `remind_at` without an offset is a time in the zone `tz`; null ends
    the reminder."""

    done: bool = False
    remind_at: LocalMoment | None = None
    tz: Annotated[str, Field(max_length=64, description="The name of a time zone, such as Europe/Berlin.")] = ""


class SavedQuery(BaseModel):
    """Those to do, or with `done` the others."""

    done: bool = False
    before: Annotated[Number | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[PageSize, Digits] | None = None
