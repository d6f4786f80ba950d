"""Commands that are of no room: a ping, and an announcement to everyone."""

from typing import Literal

from chat.protocol.commands.base import FREE, SEND, Command
from chat.protocol.fields import Text


class Ping(Command):
    """Check that the connection is alive."""

    cost = FREE
    ordered = False
    reads = True

    type: Literal["ping"]


class Broadcast(Command):
    """Send an announcement to all connected people (staff)."""

    cost = SEND
    ordered = True

    type: Literal["broadcast"]
    message: Text
