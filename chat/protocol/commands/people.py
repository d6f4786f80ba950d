"""Commands about the person's own status, and about other people."""

from typing import Any, Literal

from chat.protocol.commands.base import PAGE, SEND, Command
from chat.protocol.fields import Moment, StatusEmoji, StatusText, Username

Presence = Literal["auto", "away", "busy"]


class SetStatus(Command):
    """Change the person's own status and presence; fields that are left out stay. Null or "" takes a value away."""

    cost = SEND
    ordered = False

    type: Literal["status"]
    emoji: StatusEmoji | None = None
    text: StatusText | None = None
    until: Moment | None = None
    presence: Presence = "auto"

    @property
    def changes(self) -> dict[str, Any]:
        """The values to change, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"type", "request_id"}}


class Block(Command):
    """Block a person, or end it."""

    cost = SEND
    ordered = True

    type: Literal["block"]
    username: Username
    on: bool


class Groups(Command):
    """List the groups of people that a message can mention by one name."""

    cost = PAGE
    ordered = False
    reads = True

    type: Literal["groups"]
