"""Events of the server, typed. Each keeps its JSON object in `data`, which has the fields of later versions too.

`Connected`, `Disconnected`, `Reloaded` and `SendFailed` come from the client itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatclient.errors import CommandRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of the server. One whose type this version does not know is a plain `Event`."""

    type: str
    data: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Event):
    """The complete state of a message, when it is posted and again at each change: it replaces the state of (`room`,
    `seq`).

    `rev` numbers the change, `seq` the position. A deleted message keeps its position and has no text.
    """

    room: str
    seq: int
    rev: int
    kind: str
    text: str
    username: str
    user_id: int | None
    display_name: str
    timestamp: datetime
    client_id: str | None
    reply_to: int | None
    edited_at: datetime | None
    deleted: bool
    deleted_by: str | None
    reactions: Mapping[str, tuple[str, ...]]
    mentions: tuple[str, ...]
    system: Mapping[str, Any] | None
    was_system: bool = False
    # Another account's name looks like `display_name`: show `username` beside it.
    show_username: bool = False
    # Whether this is the first state passed on of a message that was posted after this client entered the room.
    posted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Event):
    """Messages with a `seq` below `before_seq` are hidden."""

    room: str
    before_seq: int
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged(Event):
    """The title, topic, kind or state of the room changed."""

    room: str
    rev: int
    title: str
    topic: str
    kind: str
    archived: bool


Durable = Message | Cleared | RoomChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated(Event):
    """Your account. The first event of every connection."""

    user_id: int | None
    username: str
    display_name: str
    staff: bool
    epoch: str
    limits: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEntry:
    """A room with your part in it."""

    room: str
    title: str
    topic: str
    kind: str
    role: str
    seq: int
    rev: int
    read_seq: int
    unread: int
    mentions: int
    notify: str
    # End of your mute there, or None.
    muted_until: datetime | None = None
    # The `seq` of the messages that `mentions` counts; the newest of many.
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms(Event):
    """Your rooms: first all of them, later those whose entry changed."""

    rooms: tuple[RoomEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedRoom(Event):
    """You are in the room: every durable change after `rev` follows."""

    room: str
    title: str
    topic: str
    kind: str
    role: str
    seq: int
    rev: int
    read_seq: int
    members_online: int
    # None: an older server, which does not send it.
    unread: int | None = None
    mentions: int | None = None
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftRoom(Event):
    """You are no longer in the room: `left`, `kicked`, `banned`, `archived`, or `gone` while you were away."""

    room: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Event):
    """A page of messages as they are now, in `seq` order."""

    room: str
    messages: tuple[Message, ...]
    has_older: bool
    has_newer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The changes of a room while the connection was away. The client processes it itself."""

    room: str
    complete: bool
    messages: tuple[Durable, ...]
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Event):
    """A member types, or stopped. It expires after six seconds."""

    room: str
    username: str
    is_typing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserJoined(Event):
    """A member came online."""

    room: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLeft(Event):
    """A member went offline."""

    room: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Event):
    """The presence of people, by username: `online` or `offline`."""

    users: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Event):
    """Your read mark moved to `seq`, on another connection; `unread`: what follows was marked unread there."""

    room: str
    seq: int
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEntry:
    """A member in a list."""

    username: str
    display_name: str
    role: str
    online: bool
    typing: bool
    # As in `Message`.
    show_username: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Users(Event):
    """The members of a room."""

    room: str
    users: tuple[UserEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Event):
    """The names of a person in one of your rooms changed; `show_username`: the name looks like another person's."""

    user_id: int
    username: str
    display_name: str
    show_username: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Event):
    """An announcement of the staff to all connected people."""

    text: str
    username: str
    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Event):
    """The server has executed the command. `duplicate`: the message had been posted before."""

    room: str | None
    seq: int | None
    rev: int | None
    client_id: str | None
    request_id: str | None
    timestamp: datetime | None
    duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """An `error` of the server. Those that answer a command are raised by it instead."""

    code: str
    message: str
    request_id: str | None
    client_id: str | None
    retry_after: float | None
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Event):
    """From the client: a connection was established. `again`: not the first; what was missed follows."""

    type: str = "connected"
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected(Event):
    """From the client: the connection broke; the next attempt is in `retry_in` seconds."""

    type: str = "disconnected"
    reason: str
    code: int | None
    retry_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded(Event):
    """From the client: too much changed in the room to send every change.

    Every message with a `seq` above `since_seq` follows. Those up to it may have changed meanwhile: drop them, or read
    them again with `history()`. With `since_seq` 0 (a backup was restored) drop all; the newest page follows.
    """

    type: str = "reloaded"
    room: str
    since_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFailed(Event):
    """From the client: a message was refused, and no call waits for it any more (from an outbox file, say)."""

    type: str = "send_failed"
    client_id: str
    error: CommandRefused
