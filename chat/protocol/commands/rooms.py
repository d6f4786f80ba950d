"""Commands about a room: entering, leaving, its members and its facts."""

from typing import Any, Literal

from chat.protocol.commands.base import PAGE, SEND, SIX_PAGES, Command, RoomCommand
from chat.protocol.fields import Description, KeepDays, RoomAddress, ShortText, SlowSeconds, Slug, StatusEmoji, Title

RoomKind = Literal["public", "private"]
Posting = Literal["everyone", "moderators"]
Pinning = Literal["everyone", "moderators"]
Who = Literal["everyone", "moderators"]
EditHistory = Literal["off", "moderators", "members"]
Replies = Literal["room", "thread"]


class JoinRoom(Command):
    """Enter a room; become a member of a public one."""

    # Costs more when it creates a membership.
    cost = PAGE
    ordered = True
    reads = True

    type: Literal["join_room"]
    room: Slug


class LeaveRoom(RoomCommand):
    """End the membership."""

    cost = SEND
    ordered = True

    type: Literal["leave_room"]


class Users(RoomCommand):
    """List the members of a room."""

    cost = SIX_PAGES
    ordered = True
    reads = True

    type: Literal["command"]
    command: Literal["users"]


class Clear(RoomCommand):
    """Hide all messages so far."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["clear"]


class Topic(RoomCommand):
    """Set the topic."""

    cost = SEND
    ordered = True

    type: Literal["command"]
    command: Literal["topic"]
    topic: ShortText


class RoomUpdate(RoomCommand):
    """Change the room's facts that are given. `keep_days` null or 0: messages are kept for ever."""

    cost = SEND
    ordered = True

    type: Literal["room_update"]
    title: Title | None = None
    topic: ShortText | None = None
    description: Description | None = None
    kind: RoomKind | None = None
    archived: bool | None = None
    posting: Posting | None = None
    pinning: Pinning | None = None
    calling: Who | None = None
    adding: Who | None = None
    edit_history: EditHistory | None = None
    replies: Replies | None = None
    slow_seconds: SlowSeconds | None = None
    keep_days: KeepDays | None = None
    previews: bool | None = None
    # "": its slug.
    address: RoomAddress | None = None
    # "": none.
    emoji: StatusEmoji | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The facts to change, by name."""
        given = self.model_dump(include=self.model_fields_set - {"type", "room", "request_id"})
        if "keep_days" in given:
            given["keep_days"] = given["keep_days"] or 0
        return given
