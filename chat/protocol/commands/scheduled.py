"""Commands about messages that are sent later."""

from typing import Literal

from chat.protocol.commands.base import PAGE, SEND, Command, RoomCommand
from chat.protocol.fields import ClockTime, FileIds, Fold, PostText, Seq, Text, Zone
from chat.protocol.in_thread import InThread


class Schedule(InThread, RoomCommand):
    """Post a message when the clocks of a time zone show a time."""

    cost = SEND
    ordered = True

    type: Literal["schedule"]
    files: FileIds = []
    message: PostText
    reply_to: Seq | None = None
    at: ClockTime
    zone: Zone
    # Which of two moments, if that local time occurs twice.
    fold: Fold | None = None


class Schedules(Command):
    """List all scheduled messages."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["schedules"]


class ChangeSchedule(Command):
    """Change the text or the time of a scheduled message; what is left out stays."""

    cost = SEND
    ordered = True

    type: Literal["schedule_change"]
    id: Seq
    message: Text | None = None
    at: ClockTime | None = None
    zone: Zone | None = None
    fold: Fold | None = None


class CancelSchedule(Command):
    """Delete a scheduled message."""

    cost = SEND
    ordered = True

    type: Literal["schedule_cancel"]
    id: Seq


class SendScheduled(Command):
    """Post a scheduled message now."""

    cost = SEND
    ordered = True

    type: Literal["schedule_send"]
    id: Seq
