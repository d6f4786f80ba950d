"""The greeting, answers and announcements; and the client's own events about its connection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from chatclient.errors import CommandRefused
from chatclient.events.base import Event, Number, Seconds


class Authenticated(Event, frozen=True, kw_only=True):
    """Your account. The first event of every connection."""

    type: str = "authenticated"
    user_id: Number | None = None
    username: str
    display_name: str = ""
    staff: bool = False
    epoch: str
    limits: Mapping[str, Any] = {}


class Ack(Event, frozen=True, kw_only=True):
    """The server has executed the command. `duplicate`: the message had been posted before."""

    type: str = "ack"
    room: str | None = None
    seq: Number | None = None
    rev: Number | None = None
    client_id: str | None = None
    timestamp: datetime | None = None
    duplicate: bool = False


class Refused(Event, frozen=True, kw_only=True):
    """An `error` from the server. One that answers a command is raised by the command instead."""

    type: str = "error"
    code: str
    message: str = ""
    client_id: str | None = None
    retry_after: Seconds | None = None
    fields: Mapping[str, str] = {}


class Announcement(Event, frozen=True, kw_only=True):
    """An announcement from the staff to all connected people."""

    type: str = "announcement"
    text: str = msgspec.field(name="message")
    username: str = ""
    timestamp: datetime


class Connected(Event, frozen=True, kw_only=True):
    """From the client: a connection was established. `again`: it is not the first; missed events follow."""

    type: str = "connected"
    again: bool


class Disconnected(Event, frozen=True, kw_only=True):
    """From the client: the connection broke; the next attempt is in `retry_in` seconds."""

    type: str = "disconnected"
    reason: str
    code: int | None
    retry_in: float


class Reloaded(Event, frozen=True, kw_only=True):
    """From the client: too much changed in the room to send every change.

    Every message with a `seq` above `since_seq` follows. Messages up to it may have changed: drop them, or read them
    again with `history()`. With `since_seq` 0 (a backup was restored) drop all; the newest page follows.
    """

    type: str = "reloaded"
    room: str
    since_seq: int


class SendFailed(Event, frozen=True, kw_only=True):
    """From the client: a message was refused, and no call waits for it (for example, it was in an outbox file)."""

    type: str = "send_failed"
    client_id: str
    error: CommandRefused
