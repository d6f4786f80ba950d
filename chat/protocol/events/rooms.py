"""Events of rooms. `Cleared` and `RoomFacts` take the next `rev` of their room."""

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from chat.protocol.events.base import Event, Reply
from chat.protocol.omission import equals, is_empty, is_false, is_none

LeftReason = Literal["left", "kicked", "banned", "archived"]


class Cleared(Event):
    """Messages with `seq` < `before_seq` are hidden."""

    type: Literal["cleared"] = "cleared"
    room: str
    before_seq: int
    rev: int


class RoomFacts(Event):
    """The title, topic, description, kind and state of the room, and who may write how often."""

    type: Literal["room"] = "room"
    room: str
    rev: int
    title: str
    topic: str
    kind: str
    archived: bool
    description: str = ""
    posting: str = "everyone"
    # Seconds between two messages of a member; 0: no limit.
    slow_seconds: int = 0
    # Days that messages are kept; None: forever.
    keep_days: int | None = None
    # As in `UserEntry`; "" without one.
    picture: str = ""
    # Whether messages show the pages that they link to.
    previews: bool = True
    pinning: str = "moderators"
    # Who may mention all members at once, and who may add people: `everyone` or `moderators`.
    calling: str = "moderators"
    adding: str = "everyone"
    # Who reads earlier texts of messages beside their authors: `off`, `moderators`, `members`.
    edit_history: str = "moderators"
    # Where the page lets people answer a message: `room` or `thread`. Every message may be answered in both.
    replies: str = "room"
    # The `seq` of the pinned messages, in the order in which they are shown.
    pins: list[int] = []
    # Its name in page URLs; "": `room`, which works there, too.
    address: str = ""
    # Shown where there is no picture.
    emoji: str = ""


class JoinedRoom(Reply):
    """A room was entered: its facts, and the reader's own marks."""

    type: Literal["joined_room"] = "joined_room"
    room: str
    title: str
    topic: str
    kind: str
    role: str
    seq: int
    rev: int
    read_seq: int
    members_online: int
    description: str = Field(default="", exclude_if=is_empty)
    posting: str = Field(default="everyone", exclude_if=equals("everyone"))
    slow_seconds: int = Field(default=0, exclude_if=is_empty)
    keep_days: int | None = Field(default=None, exclude_if=is_none)
    picture: str = Field(default="", exclude_if=is_empty)
    pinning: str = Field(default="moderators", exclude_if=equals("moderators"))
    calling: str = Field(default="moderators", exclude_if=equals("moderators"))
    adding: str = Field(default="everyone", exclude_if=equals("everyone"))
    edit_history: str = Field(default="moderators", exclude_if=equals("moderators"))
    replies: str = Field(default="room", exclude_if=equals("room"))
    pins: list[int] = Field(default=[], exclude_if=is_empty)
    address: str = Field(default="", exclude_if=is_empty)
    emoji: str = Field(default="", exclude_if=is_empty)
    unread: int | None = Field(default=None, exclude_if=is_none)
    mentions: int | None = Field(default=None, exclude_if=is_none)
    mentioned: list[int] = Field(default=[], exclude_if=is_empty)


class LeftRoom(Reply):
    """The reader is no longer in this room."""

    type: Literal["left_room"] = "left_room"
    room: str
    reason: LeftReason
    # The moderator's reason, and the end of a ban; omitted if there is none.
    why: str = Field(default="", exclude_if=is_empty)
    until: str | None = Field(default=None, exclude_if=is_none)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEntry:
    """A room of a reader. An owner may have 10,000: each takes 0.8 KB, and took 3.4 KB as a model."""

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
    # The `seq` of the messages that `mentions` counts, in order; only the newest if there are many.
    mentioned: list[int] = Field(default_factory=list, exclude_if=is_empty)
    notify: str
    # The level chosen for this room; omitted when the setting for all rooms applies.
    notify_level: str = Field(default="default", exclude_if=equals("default"))
    muted: bool = Field(default=False, exclude_if=is_false)
    # When that ends by itself; omitted if it does not.
    quiet_until: str | None = Field(default=None, exclude_if=is_none)
    # The reader hid this conversation until a message after this one arrives.
    hidden_seq: int | None = Field(default=None, exclude_if=is_none)
    # Its place in the reader's list: first, or under a heading of their own.
    starred: bool = Field(default=False, exclude_if=is_false)
    section: str = Field(default="", exclude_if=is_empty)
    archived: bool
    # The usernames of the other people of a group; no other room has this.
    people: list[str] | None = Field(default=None, exclude_if=is_none)
    # The other person of a direct room; no other room has these two fields.
    username: str | None = Field(default=None, exclude_if=is_none)
    user_id: int | None = Field(default=None, exclude_if=is_none)
    # That person's name looks like another's.
    show_username: bool = Field(default=False, exclude_if=is_false)
    # Only while the reader is muted.
    muted_until: str | None = Field(default=None, exclude_if=is_none)
    # Omitted if everyone may write, and without slow mode.
    posting: str = Field(default="everyone", exclude_if=equals("everyone"))
    slow_seconds: int = Field(default=0, exclude_if=is_empty)
    # The picture of the room, or of the other person in a direct room.
    picture: str = Field(default="", exclude_if=is_empty)
    pinning: str = Field(default="moderators", exclude_if=equals("moderators"))
    calling: str = Field(default="moderators", exclude_if=equals("moderators"))
    adding: str = Field(default="everyone", exclude_if=equals("everyone"))
    edit_history: str = Field(default="moderators", exclude_if=equals("moderators"))
    replies: str = Field(default="room", exclude_if=equals("room"))
    # The `seq` of the pinned messages, in the order in which they are shown.
    pins: list[int] = Field(default_factory=list, exclude_if=is_empty)
    # Its name in page URLs, if that is not `room`.
    address: str = Field(default="", exclude_if=is_empty)
    # Shown where there is no picture.
    emoji: str = Field(default="", exclude_if=is_empty)


class Rooms(Event):
    """The rooms of the reader."""

    type: Literal["rooms"] = "rooms"
    rooms: list[RoomEntry]
    # Whether the first list of a connection continues in the next event of this type.
    more: bool = Field(default=False, exclude_if=is_false)
