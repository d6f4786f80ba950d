"""Bans, the record of moderation, and reports."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from chatclient.events.base import Event, Number


class BanEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A ban that is in effect, by the moderator `by`; `until` None: permanently."""

    id: Number
    username: str
    display_name: str = ""
    show_username: bool = False
    by: str = ""
    at: datetime
    until: datetime | None = None
    reason: str = ""


class Bans(Event, frozen=True, kw_only=True):
    """Bans of a room, the newest first."""

    type: str = "bans"
    room: str = ""
    bans: tuple[BanEntry, ...] = ()
    has_older: bool = False


class AuditItem(msgspec.Struct, frozen=True, kw_only=True):
    """An action of the moderator `by` on the person `username` ("": on the room)."""

    id: Number
    at: datetime
    by: str = ""
    action: str
    username: str = ""
    reason: str = ""
    detail: Mapping[str, Any] = {}


class Audit(Event, frozen=True, kw_only=True):
    """What moderators did in a room, the newest first."""

    type: str = "audit"
    room: str = ""
    entries: tuple[AuditItem, ...] = ()
    has_older: bool = False


class ReportItem(msgspec.Struct, frozen=True, kw_only=True):
    """A report, with the copy of the message."""

    id: Number
    room: str
    seq: Number
    at: datetime
    by: str = ""
    author: str = ""
    message: str = ""
    reason: str = ""
    outcome: str = ""
    handled_by: str = ""
    handled_at: datetime | None = None


class Reports(Event, frozen=True, kw_only=True):
    """The reports of a room, the newest first."""

    type: str = "reports"
    room: str = ""
    reports: tuple[ReportItem, ...] = ()
    has_older: bool = False


class ReportsOpen(Event, frozen=True, kw_only=True):
    """Sent to moderators: the number of open reports of a room."""

    type: str = "report"
    room: str
    open: Number = 0
