"""Commands of moderators, and reports to them."""

from typing import Literal

from chat.protocol.commands.base import PAGE, SEND, RoomCommand
from chat.protocol.fields import Minutes, Reason, Seq, ShortText, Username

Role = Literal["owner", "moderator", "member"]
Outcome = Literal["deleted", "muted", "banned", "dismissed"]


class Kick(RoomCommand):
    """Remove a member."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["kick"]
    username: Username
    reason: ShortText = ""


class Ban(RoomCommand):
    """Ban a member, for some minutes or permanently."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["ban"]
    username: Username
    minutes: Minutes | None = None
    reason: ShortText = ""


class Unban(RoomCommand):
    """Lift a ban."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["unban"]
    username: Username


class Mute(RoomCommand):
    """Mute a member for some minutes."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["mute"]
    username: Username
    minutes: Minutes
    reason: ShortText = ""


class Unmute(RoomCommand):
    """End a mute."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["unmute"]
    username: Username


class SetRole(RoomCommand):
    """Give a member another role."""

    cost = SEND
    ordered = True

    type: Literal["role"]
    username: Username
    role: Role


class Bans(RoomCommand):
    """List the bans of a room, the newest first."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["bans"]
    before: Seq | None = None


class Audit(RoomCommand):
    """List what moderators did in a room, the newest first."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["audit"]
    before: Seq | None = None


class Report(RoomCommand):
    """Report a message to those who moderate the room."""

    cost = SEND
    ordered = True

    type: Literal["report"]
    seq: Seq
    reason: Reason


class Reports(RoomCommand):
    """List the open reports of a room, the newest first; `closed`: those that were handled."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["reports"]
    before: Seq | None = None
    closed: bool = False


class CloseReport(RoomCommand):
    """End a report."""

    cost = SEND
    ordered = True

    type: Literal["report_close"]
    id: Seq
    outcome: Outcome
