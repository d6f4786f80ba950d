"""Commands of the messages that a person saves for themselves."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chat.protocol.commands.base import PAGE, SEND, Command, RoomCommand
from chat.protocol.fields import LocalMoment, PageSize, Seq


class Save(RoomCommand):
    """Save a message, or end that. Fields that are left out stay; `remind_at` null: no reminder."""

    cost = SEND
    ordered = True

    type: Literal["save"]
    seq: Seq
    on: bool
    done: bool = False
    remind_at: LocalMoment | None = None
    # The name of the time zone of a `remind_at` without an offset.
    tz: Annotated[str, Field(max_length=64)] = ""

    @property
    def wishes(self) -> dict[str, Any]:
        """The facts to change, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set & {"done", "remind_at", "tz"}}


class SavedMessages(Command):
    """List the person's saved messages, those saved last first."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["saved_messages"]
    done: bool = False
    before: Seq | None = None
    limit: PageSize | None = None
