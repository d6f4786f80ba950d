"""Rooms, and a person's preferences in them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body, Moment
from chat.protocol.commands import EditHistory, Pinning, Posting, Replies, RoomKind, Who
from chat.protocol.events import RoomEntry
from chat.protocol.fields import Description, KeepDays, RoomAddress, ShortText, SlowSeconds, Slug, StatusEmoji, Title
from chat.protocol.omission import is_empty, is_false, is_none

Notify = Literal["default", "all", "mentions", "nothing"]


class NewRoom(Body):
    """Without `room` its slug is derived from the title."""

    room: Slug | None = None
    title: Title = ""
    topic: ShortText = ""
    kind: RoomKind = "public"


class RoomChange(Body):
    """Fields that are left out stay as they are."""

    title: Title = ""
    topic: ShortText = ""
    description: Description = ""
    kind: RoomKind = "public"
    archived: bool = False
    posting: Posting = "everyone"
    pinning: Pinning = "moderators"
    calling: Who = "moderators"
    adding: Who = "everyone"
    edit_history: EditHistory = "moderators"
    replies: Replies = "room"
    slow_seconds: SlowSeconds = 0
    keep_days: Annotated[KeepDays | None, Field(description="null or 0: for ever")] = None
    previews: bool = True
    address: Annotated[RoomAddress, Field(description="Empty: the slug.")] = ""
    emoji: Annotated[StatusEmoji, Field(description="Shown where there is no picture; empty: none.")] = ""


class Preferences(Body):
    """Fields that are left out stay as they are. `default`: your setting for all rooms."""

    notify: Notify | None = None
    muted: bool | None = None
    quiet_until: Annotated[Moment | None, Field(description="With `muted`: when it ends by itself.")] = None
    hidden: Annotated[bool | None, Field(description="Of a conversation: not listed until its next message.")] = None
    starred: bool | None = None
    section: Annotated[str | None, Field(max_length=40, description="A heading of your own; empty: none.")] = None


class RoomsQuery(BaseModel):
    """Which rooms to list."""

    scope: Annotated[
        Literal["mine", "public", "archived"], Field(description="Your rooms, those to browse, or archived ones.")
    ] = "mine"


class MyRooms(BaseModel):
    """The rooms of the caller."""

    rooms: list[RoomEntry]


class PublicRoom(BaseModel):
    """A room that everyone can join, or an archived one."""

    room: str
    title: str
    topic: str
    kind: str
    members: int
    joined: bool
    address: str = Field(default="", exclude_if=is_empty)
    emoji: str = Field(default="", exclude_if=is_empty)
    picture: str = Field(default="", exclude_if=is_empty)
    # The room is archived, and you may restore it.
    may_restore: bool = Field(default=False, exclude_if=is_false)


class PublicRooms(BaseModel):
    """The rooms that everyone can join, or archived ones."""

    rooms: list[PublicRoom]


class RoomView(BaseModel):
    """A room as one person sees it; the last five fields are null for a person who is not a member."""

    room: str
    title: str
    topic: str
    kind: str
    archived: bool
    description: str
    # Who may write: `everyone` or `moderators`.
    posting: str
    # Who may pin messages: `everyone` or `moderators`.
    pinning: str
    # Who may mention all members: `everyone` or `moderators`.
    calling: str
    # Who may add people: `everyone` or `moderators`.
    adding: str
    # Who reads earlier texts of messages beside their authors: `off`, `moderators`, `members`.
    edit_history: str
    # Where the page lets people answer a message: `room` or `thread`.
    replies: str
    # Seconds between two messages of a member; 0: no limit.
    slow_seconds: int
    # Days that messages are kept; null: forever.
    keep_days: int | None
    # Whether messages show the pages that they link to.
    previews: bool
    seq: int
    rev: int
    members: int
    joined: bool
    # The other person of a direct room.
    username: str | None
    show_username: bool = Field(default=False, exclude_if=is_false)
    role: str | None
    notify: str | None
    read_seq: int | None
    muted_until: str | None
    # Omitted while the person's setting for all rooms applies.
    notify_level: str | None = Field(default=None, exclude_if=lambda level: level in (None, "default"))
    muted: bool = Field(default=False, exclude_if=is_false)
    quiet_until: str | None = Field(default=None, exclude_if=is_none)
    # A URL, of the room or of the other person in a direct room; append `/128` or `/512` for a square.
    picture: str = Field(default="", exclude_if=is_empty)
    # Its name in page URLs, if that is not `room`.
    address: str = Field(default="", exclude_if=is_empty)
    # Shown where there is no picture.
    emoji: str = Field(default="", exclude_if=is_empty)
    hidden_seq: int | None = Field(default=None, exclude_if=is_none)
    starred: bool = Field(default=False, exclude_if=is_false)
    section: str = Field(default="", exclude_if=is_empty)
