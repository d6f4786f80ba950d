"""Waiting for the changes of a room."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.api.schemas.base import Digits
from chat.protocol.fields import Cursor

LONGEST_WAIT_SECONDS = 30


class ChangesQuery(BaseModel):
    """Where to start, and how long to wait for a change."""

    after_rev: Annotated[Cursor, Digits, Field(description="The last `rev` you know.")]
    wait: Annotated[
        float, Field(ge=0, le=LONGEST_WAIT_SECONDS, allow_inf_nan=False, description="Seconds to wait for a change.")
    ] = 0
    epoch: Annotated[str | None, Field(max_length=64, description="The `epoch` of `me` that the number is from.")] = (
        None
    )
