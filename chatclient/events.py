"""Events of the server, typed: structs of msgspec, which reads and checks them.

`Connected`, `Disconnected`, `Reloaded` and `SendFailed` come from the client itself.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from chatclient.errors import CommandRefused

Number = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the server. One whose type this version does not know is a plain `Event`.

    `data` is its JSON object, which has the fields of later versions too; it is read when it is asked for, and not
    compared.
    """

    type: str
    # The request that it answers.
    request_id: str | None = None
    # A name in brackets is of no field on the wire: the client sets it.
    data: Mapping[str, Any] = msgspec.field(default=_NOTHING, name="(data)")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._compared())

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self._compared()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._compared())
        return f"{type(self).__name__}({fields})"

    def _compared(self) -> Iterator[str]:
        return (name for name in self.__struct_fields__ if name != "data")


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message. `type` is its media type; `url` and `thumbs` are addresses on the server, read with the same
    token; `duration` is in seconds."""

    id: str
    name: str
    size: Number
    type: str = ""
    url: str = ""
    width: Number | None = None
    height: Number | None = None
    duration: Seconds | None = None
    thumbs: Mapping[str, str] = {}
    placeholder: str = ""
    description: str = ""


class Durable(Event, frozen=True, kw_only=True):
    """A change of a room that has taken its next `rev`: a `Message`, `Cleared` or `RoomChanged`."""

    room: str
    rev: Number


class Message(Durable, frozen=True, kw_only=True):
    """The complete state of a message, when it is posted and again at each change: it replaces the state of (`room`,
    `seq`).

    `rev` numbers the change, `seq` the position. A deleted message keeps its position and has no text.
    """

    type: str = "message"
    seq: Number
    kind: str = "text"
    text: str = msgspec.field(name="message")
    username: str
    user_id: Number | None = None
    display_name: str = ""
    timestamp: datetime
    client_id: str | None = None
    reply_to: Number | None = None
    edited_at: datetime | None = None
    deleted: bool = False
    deleted_by: str | None = None
    reactions: Mapping[str, tuple[str, ...]] = {}
    mentions: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    system: Mapping[str, Any] | None = None
    was_system: bool = False
    # Another account's name looks like `display_name`: show `username` beside it.
    show_username: bool = False
    # Whether this is the first state passed on of a message that was posted after this client entered the room.
    posted: bool = msgspec.field(default=False, name="(posted)")


class Cleared(Durable, frozen=True, kw_only=True):
    """Messages with a `seq` below `before_seq` are hidden."""

    type: str = "cleared"
    before_seq: Number


class RoomChanged(Durable, frozen=True, kw_only=True):
    """The title, topic, description, kind or state of the room changed, or who may write how often."""

    type: str = "room"
    title: str = ""
    topic: str = ""
    kind: str = ""
    archived: bool = False
    description: str = ""
    posting: str = "everyone"
    # Seconds between two messages of a member; 0: no limit.
    slow_seconds: Number = 0
    # None: for ever.
    keep_days: Number | None = None


class Authenticated(Event, frozen=True, kw_only=True):
    """Your account. The first event of every connection."""

    type: str = "authenticated"
    user_id: Number | None = None
    username: str
    display_name: str = ""
    staff: bool = False
    epoch: str
    limits: Mapping[str, Any] = {}


class RoomEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A room with your part in it."""

    room: str
    title: str = ""
    topic: str = ""
    kind: str = ""
    role: str = ""
    seq: Number
    rev: Number
    read_seq: Number = 0
    unread: Number = 0
    mentions: Number = 0
    notify: str = ""
    # End of your mute there, or None.
    muted_until: datetime | None = None
    # The `seq` of the messages that `mentions` counts; the newest of many.
    mentioned: tuple[int, ...] = ()


class Rooms(Event, frozen=True, kw_only=True):
    """Your rooms: first all of them, later those whose entry changed. `more`: the first list continues in the next."""

    type: str = "rooms"
    rooms: tuple[RoomEntry, ...] = ()
    more: bool = False


class JoinedRoom(Event, frozen=True, kw_only=True):
    """You are in the room: every durable change after `rev` follows."""

    type: str = "joined_room"
    room: str
    title: str = ""
    topic: str = ""
    kind: str = ""
    role: str = ""
    seq: Number
    rev: Number
    read_seq: Number = 0
    members_online: Number = 0
    # None: an older server, which does not send it.
    unread: Number | None = None
    mentions: Number | None = None
    mentioned: tuple[int, ...] = ()


class LeftRoom(Event, frozen=True, kw_only=True):
    """You are no longer in the room: `left`, `kicked`, `banned`, `archived`, or `gone` while you were away."""

    type: str = "left_room"
    room: str
    reason: str = "left"


class History(Event, frozen=True, kw_only=True):
    """A page of messages as they are now, in `seq` order."""

    type: str = "history"
    room: str
    messages: tuple[Message, ...] = msgspec.field(default=(), name="(messages)")
    has_older: bool = False
    has_newer: bool = False


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was found. `marks`: the places of its text that matched, as offsets in code points."""

    message: Message
    room: str = ""
    title: str = ""
    marks: tuple[tuple[int, int], ...] = ()


class Search(Event, frozen=True, kw_only=True):
    """What a search found, the newest first. `next` is the `after` of the following page, None at the end."""

    type: str = "search"
    results: tuple[SearchResult, ...] = ()
    next: str | None = None
    # Older messages than this are not all indexed yet.
    indexed_until: datetime | None = None
    warnings: tuple[str, ...] = ()


class Resumed(Event, frozen=True, kw_only=True):
    """The changes of a room while the connection was away. The client processes it itself."""

    type: str = "resumed"
    room: str
    complete: bool = False
    messages: tuple[Durable, ...] = msgspec.field(default=(), name="(messages)")
    rev: Number = 0


class Typing(Event, frozen=True, kw_only=True):
    """A member types, or stopped. It expires after six seconds."""

    type: str = "typing"
    room: str
    username: str
    is_typing: bool = False


class UserJoined(Event, frozen=True, kw_only=True):
    """A member came online."""

    type: str = "user_joined"
    room: str
    username: str


class UserLeft(Event, frozen=True, kw_only=True):
    """A member went offline."""

    type: str = "user_left"
    room: str
    username: str


class Presence(Event, frozen=True, kw_only=True):
    """The presence of people, by username: `online`, `away`, `busy` or `offline`."""

    type: str = "presence"
    users: Mapping[str, str] = {}


class Read(Event, frozen=True, kw_only=True):
    """Your read mark moved to `seq`, on another connection; `unread`: what follows was marked unread there."""

    type: str = "read"
    room: str
    seq: Number
    unread: bool = False


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of their day; `until` None: it stays."""

    emoji: str = ""
    text: str = ""
    until: datetime | None = None


class UserEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A member in a list."""

    username: str
    display_name: str = ""
    role: str = ""
    online: bool = False
    typing: bool = False
    # As in `Message`.
    show_username: bool = False
    # `away` or `busy` while connected.
    presence: str = "online"
    status: Status | None = None


class Users(Event, frozen=True, kw_only=True):
    """The members of a room."""

    type: str = "users"
    room: str = ""
    users: tuple[UserEntry, ...] = ()


class StatusChanged(Event, frozen=True, kw_only=True):
    """Your own status and presence (`auto`, `away` or `busy`) changed, on another connection."""

    type: str = "status"
    emoji: str = ""
    text: str = ""
    until: datetime | None = None
    presence: str = "auto"


class Blocks(Event, frozen=True, kw_only=True):
    """The usernames of all people whom you block."""

    type: str = "blocks"
    people: tuple[str, ...] = ()


class ReportsOpen(Event, frozen=True, kw_only=True):
    """To moderators: how many reports of a room are open."""

    type: str = "report"
    room: str
    open: Number = 0


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
    """What the moderator `by` did, to the person `username` ("": to the room)."""

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


class Person(Event, frozen=True, kw_only=True):
    """The names or the status of a person in one of your rooms changed; `show_username`: the name looks like
    another person's."""

    type: str = "person"
    user_id: Number
    username: str
    display_name: str = ""
    show_username: bool = False
    status: Status | None = None


class Announcement(Event, frozen=True, kw_only=True):
    """An announcement of the staff to all connected people."""

    type: str = "announcement"
    text: str = msgspec.field(name="message")
    username: str = ""
    timestamp: datetime


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
    """An `error` of the server. Those that answer a command are raised by it instead."""

    type: str = "error"
    code: str
    message: str = ""
    client_id: str | None = None
    retry_after: Seconds | None = None
    fields: Mapping[str, str] = {}


class Connected(Event, frozen=True, kw_only=True):
    """From the client: a connection was established. `again`: not the first; what was missed follows."""

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

    Every message with a `seq` above `since_seq` follows. Those up to it may have changed meanwhile: drop them, or read
    them again with `history()`. With `since_seq` 0 (a backup was restored) drop all; the newest page follows.
    """

    type: str = "reloaded"
    room: str
    since_seq: int


class SendFailed(Event, frozen=True, kw_only=True):
    """From the client: a message was refused, and no call waits for it any more (from an outbox file, say)."""

    type: str = "send_failed"
    client_id: str
    error: CommandRefused


# Those of the server, by their type.
KINDS: dict[str, type[Event]] = {
    "message": Message,
    "cleared": Cleared,
    "room": RoomChanged,
    "authenticated": Authenticated,
    "rooms": Rooms,
    "joined_room": JoinedRoom,
    "left_room": LeftRoom,
    "history": History,
    "search": Search,
    "resumed": Resumed,
    "typing": Typing,
    "user_joined": UserJoined,
    "user_left": UserLeft,
    "presence": Presence,
    "read": Read,
    "users": Users,
    "bans": Bans,
    "status": StatusChanged,
    "blocks": Blocks,
    "report": ReportsOpen,
    "reports": Reports,
    "audit": Audit,
    "person": Person,
    "announcement": Announcement,
    "ack": Ack,
    "error": Refused,
}
