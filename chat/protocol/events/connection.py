"""Events that are of no room: the greeting, answers, and announcements to everyone."""

from typing import ClassVar, Literal

from pydantic import Field

from chat.protocol.errors import ChatError
from chat.protocol.events.base import Event, Reply
from chat.protocol.events.people import Status
from chat.protocol.omission import equals, is_empty, is_false, is_none

# Names of actions, by state of the room ("open", "muted", "archived", "direct") and by role.
Permissions = dict[str, dict[str, tuple[str, ...]]]


class Authenticated(Event):
    """The first event of a socket: who the reader is, limits and permissions."""

    type: Literal["authenticated"] = "authenticated"
    user_id: int
    username: str
    display_name: str
    staff: bool
    epoch: str
    server_time: str
    limits: dict[str, int]
    # Permissions in a room, by its state and role: sent once, not in each of 10,000 room entries.
    may: Permissions = Field(default={}, exclude_if=is_empty)
    # The reader's own status and presence, and whom they block; omitted if empty.
    status: Status | None = Field(default=None, exclude_if=is_none)
    presence: str = Field(default="auto", exclude_if=equals("auto"))
    blocked: list[str] = Field(default=[], exclude_if=is_empty)
    # Whether the reader has drafts, which `drafts` lists.
    drafts: bool = Field(default=False, exclude_if=is_false)
    # Whether the reader has scheduled messages, also those that could not be sent, which `schedules` lists.
    scheduled: bool = Field(default=False, exclude_if=is_false)
    # The number of the reader's saved messages that are not done.
    saved: int = Field(default=0, exclude_if=is_empty)


class Ack(Reply):
    """The answer to a command that was executed."""

    sparse: ClassVar[bool] = True

    type: Literal["ack"] = "ack"
    room: str | None = None
    seq: int | None = None
    rev: int | None = None
    timestamp: str | None = None


class Pong(Reply):
    """The answer to a ping."""

    type: Literal["pong"] = "pong"
    timestamp: str


class Error(Reply):
    """A command was refused, and why."""

    sparse: ClassVar[bool] = True

    type: Literal["error"] = "error"
    code: str
    message: str
    client_id: str | None = None
    retry_after: float | None = None
    fields: dict[str, str] | None = None

    @classmethod
    def of(cls, error: ChatError, *, request_id: str | None = None, client_id: str | None = None) -> "Error":
        """The event of a refusal."""
        return cls(
            code=error.code.value,
            message=error.message,
            request_id=request_id,
            client_id=client_id,
            retry_after=error.retry_after,
            fields=error.fields,
        )


class Announcement(Event):
    """An announcement of the staff to all connected people."""

    type: Literal["announcement"] = "announcement"
    message: str
    username: str
    timestamp: str
