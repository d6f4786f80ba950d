"""The earlier texts of a message."""

from datetime import datetime

import msgspec

from chatclient.events.base import Event, Number


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A text of a message, and when the message got it."""

    message: str
    timestamp: datetime


class Versions(Event, frozen=True, kw_only=True):
    """The texts of a message, the oldest first; the last one is current. `more`: older texts are not included."""

    type: str = "versions"
    room: str
    seq: Number
    versions: tuple[Version, ...] = ()
    more: bool = False
