"""Scheduled messages: bodies."""

from chat.api.schemas.base import Body
from chat.protocol.fields import ClockTime, FileIds, Fold, PostText, Seq, Text, Zone
from chat.protocol.in_thread import InThread


class NewSchedule(InThread, Body):
    """A message, and when the clocks of the time `zone` show `at` (2026-11-28T09:00). A time that comes twice needs
    `fold`: 0 for the first, 1 for the second."""

    files: FileIds = []
    message: PostText
    reply_to: Seq | None = None
    at: ClockTime
    zone: Zone
    fold: Fold | None = None


class ScheduleChange(Body):
    """What changes of a scheduled message; what is left out stays."""

    message: Text | None = None
    at: ClockTime | None = None
    zone: Zone | None = None
    fold: Fold | None = None
