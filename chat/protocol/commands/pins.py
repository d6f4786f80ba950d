"""Commands that pin messages, and list those that are pinned."""

from typing import Literal

from chat.protocol.commands.base import PAGE, SEND, RoomCommand
from chat.protocol.fields import Seq


class Pin(RoomCommand):
    """Pin a message to the room, or end that."""

    cost = SEND
    ordered = True

    type: Literal["pin"]
    seq: Seq
    on: bool


class PinMove(RoomCommand):
    """Put a pinned message directly below another one, or first."""

    cost = SEND
    ordered = True

    type: Literal["pin_move"]
    seq: Seq
    below: Seq | None = None


class Pins(RoomCommand):
    """List the pinned messages of a room, in their order."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["pins"]
