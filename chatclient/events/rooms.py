"""Rooms, and your part in them."""

from datetime import datetime

import msgspec

from chatclient.events.base import Durable, Event, Number


class Cleared(Durable, frozen=True, kw_only=True):
    """Messages with a `seq` below `before_seq` are hidden."""

    type: str = "cleared"
    before_seq: Number


class RoomChanged(Durable, frozen=True, kw_only=True):
    """The title, topic, description, kind or state of the room changed, or who may write and how often."""

    type: str = "room"
    title: str = ""
    topic: str = ""
    kind: str = ""
    archived: bool = False
    description: str = ""
    posting: str = "everyone"
    # Seconds between two messages of a member; 0: no limit.
    slow_seconds: Number = 0
    # Days that messages are kept; None: forever.
    keep_days: Number | None = None
    picture: str = ""
    previews: bool = True
    # Who may pin messages: "everyone" or "moderators".
    pinning: str = "moderators"
    # Who may mention all members, and who may add people: "everyone" or "moderators".
    calling: str = "moderators"
    adding: str = "everyone"
    # Who reads earlier texts of messages beside their authors: "off", "moderators", "members".
    edit_history: str = "moderators"
    # Where the page lets people answer a message: "room" or "thread".
    replies: str = "room"
    # The `seq` of the pinned messages, in their order.
    pins: tuple[int, ...] = ()
    # Its name in page URLs, "" if that is `room`; and the emoji shown when it has no picture.
    address: str = ""
    emoji: str = ""


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
    # What you are notified of: "all", "mentions" or "nothing"; `notify_level` "default": as set for all your rooms.
    notify: str = ""
    notify_level: str = "default"
    # You muted the room: no unread mark, and notifications of mentions only. `quiet_until` None: until you unmute it.
    muted: bool = False
    quiet_until: datetime | None = None
    # When a moderator's mute of you ends, or None.
    muted_until: datetime | None = None
    # The `seq` of the messages that `mentions` counts; only the newest if there are many.
    mentioned: tuple[int, ...] = ()
    # The `seq` of the pinned messages, in their order.
    pins: tuple[int, ...] = ()
    # Its name in page URLs, "" if that is `room`; and the emoji shown when it has no picture.
    address: str = ""
    emoji: str = ""


class Rooms(Event, frozen=True, kw_only=True):
    """Your rooms: first all, later those whose entry changed. `more`: the first list continues in the next event."""

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
    # The `seq` of the pinned messages, in their order.
    pins: tuple[int, ...] = ()
    # Its name in page URLs, "" if that is `room`; and the emoji shown when it has no picture.
    address: str = ""
    emoji: str = ""


class LeftRoom(Event, frozen=True, kw_only=True):
    """You are no longer in the room: `left`, `kicked`, `banned`, `archived`, or `gone` while you were away."""

    type: str = "left_room"
    room: str
    reason: str = "left"


class Read(Event, frozen=True, kw_only=True):
    """Your read mark moved to `seq`, on another connection; `unread`: messages after it were marked unread there."""

    type: str = "read"
    room: str
    seq: Number
    unread: bool = False
