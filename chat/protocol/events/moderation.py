"""Bans, the record of moderation, and reports."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from chat.protocol.events.base import Event, Reply
from chat.protocol.omission import is_false


class BanEntry(BaseModel):
    """A ban that is in effect. `until` null: permanently."""

    id: int
    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=is_false)
    by: str
    at: str
    until: str | None
    reason: str


class Bans(Reply):
    """Bans of a room, the newest first. The `id` of the last as `before` gives the page after it."""

    type: Literal["bans"] = "bans"
    room: str
    bans: list[BanEntry]
    has_older: bool


class AuditItem(BaseModel):
    """What a moderator did. `username`: to this person; "" where it was about the room."""

    id: int
    at: str
    by: str
    action: str
    username: str
    reason: str
    detail: dict[str, Any]


class Audit(Reply):
    """The record of moderation of a room, the newest first, in pages as `Bans`."""

    type: Literal["audit"] = "audit"
    room: str
    entries: list[AuditItem]
    has_older: bool


class ReportItem(BaseModel):
    """A report: the copy of the message, and what became of it ("" while it is open)."""

    id: int
    room: str
    seq: int
    at: str
    by: str
    author: str
    message: str
    reason: str
    context: list[dict[str, Any]]
    outcome: str
    handled_by: str
    handled_at: str | None


class Reports(Reply):
    """The reports of a room, the newest first, in pages as `Bans`."""

    type: Literal["reports"] = "reports"
    room: str
    reports: list[ReportItem]
    has_older: bool


class ReportsOpen(Event):
    """To moderators: how many reports of a room are open."""

    type: Literal["report"] = "report"
    room: str
    open: int
