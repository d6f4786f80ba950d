"""What the server tells, typed. Every event keeps the object it came as in `data`: fields of later versions are there.

`Connected`, `Disconnected`, `Reloaded` and `SendFailed` are made by the client itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatclient.errors import CommandRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything the server says. An event of a type this version does not know is a plain `Event`."""

    type: str
    data: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Event):
    """The whole state of one message, when it is posted and again at each change: put it in place for (`room`, `seq`).

    `rev` numbers the change, `seq` the place. A deleted message keeps its place and has no text.
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
    # The first state that this client passes on of a message which was posted after it had come into the room.
    posted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Event):
    """Messages with a `seq` below `before_seq` are no longer shown."""

    room: str
    before_seq: int
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged(Event):
    """The room's own facts changed."""

    room: str
    rev: int
    title: str
    topic: str
    kind: str
    archived: bool


Durable = Message | Cleared | RoomChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated(Event):
    """Who you are to the server. The first event of every connection."""

    user_id: int | None
    username: str
    display_name: str
    staff: bool
    epoch: str
    limits: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEntry:
    """One room as it stands for you."""

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
    # Until when you may not speak there, or None.
    muted_until: datetime | None = None
    # The places of the messages that `mentions` counts; the newest of many.
    mentioned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms(Event):
    """Your rooms: all of them first, later those whose entry changed."""

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
    # None: the server is of a version that does not say.
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
    """What a room went through while the connection was away. The client uses it up itself."""

    room: str
    complete: bool
    messages: tuple[Durable, ...]
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(Event):
    """Somebody types, or stopped. Forget it after six seconds."""

    room: str
    username: str
    is_typing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserJoined(Event):
    room: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLeft(Event):
    room: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Event):
    """Who came online or went offline, by username: `online` or `offline`."""

    users: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Event):
    """You have read up to `seq`, on another of your connections; `unread`: you marked what follows unread there."""

    room: str
    seq: int
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEntry:
    username: str
    display_name: str
    role: str
    online: bool
    typing: bool
    # As in `Message`.
    show_username: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Users(Event):
    """The people of a room."""

    room: str
    users: tuple[UserEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Event):
    """Somebody you share a room with goes by another name now; `show_username`: it looks like somebody else's."""

    user_id: int
    username: str
    display_name: str
    show_username: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(Event):
    """A word of the staff to everybody."""

    text: str
    username: str
    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Event):
    """The server has it, for good. `duplicate`: it had it before."""

    room: str | None
    seq: int | None
    rev: int | None
    client_id: str | None
    request_id: str | None
    timestamp: datetime | None
    duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """An `error` of the server. Those that answer a command are raised there instead."""

    code: str
    message: str
    request_id: str | None
    client_id: str | None
    retry_after: float | None
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Event):
    """Made by the client: a connection stands. `again`: there was one before, and it is being made up for."""

    type: str = "connected"
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected(Event):
    """Made by the client: the connection broke; the next try is in `retry_in` seconds."""

    type: str = "disconnected"
    reason: str
    code: int | None
    retry_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded(Event):
    """Made by the client: too much changed in the room to be told one by one.

    Every message with a `seq` above `since_seq` follows. Those up to it may have changed unseen: forget them, or ask
    for them again with `history()`. With `since_seq` 0 (a backup was restored) forget all; the newest page follows.
    """

    type: str = "reloaded"
    room: str
    since_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFailed(Event):
    """Made by the client: a message that nobody waited for any more (from an outbox file, say) was refused."""

    type: str = "send_failed"
    client_id: str
    error: CommandRefused
