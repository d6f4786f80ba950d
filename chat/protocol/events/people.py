"""Events of people: members, presence, names, status and blocks."""

from typing import ClassVar, Literal

from pydantic import BaseModel, Field

from chat.protocol.events.base import Event, Reply
from chat.protocol.omission import equals, is_empty, is_false, is_none

PresenceStatus = Literal["online", "away", "busy", "offline"]


class Status(BaseModel):
    """What a person says of their day. `until`: its end, or null."""

    emoji: str
    text: str
    until: str | None


class CommonRoom(BaseModel):
    """A room that two people are in."""

    room: str
    title: str


class Card(BaseModel):
    """What others are shown of a person."""

    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=is_false)
    user_id: int
    active: bool
    staff: bool
    pronouns: str
    title: str
    about: str
    time_zone: str
    phone: str
    status: Status | None
    presence: PresenceStatus
    # The first rooms that the reader is in, too.
    rooms: list[CommonRoom]
    # As in `UserEntry`.
    picture: str = Field(default="", exclude_if=is_empty)
    # Whether the reader blocks the person.
    blocked: bool


class UserEntry(BaseModel):
    """A member in a list."""

    username: str
    display_name: str
    role: str
    online: bool
    typing: bool
    show_username: bool = Field(default=False, exclude_if=is_false)
    # Sent only to people who may lift the mute.
    muted: bool = Field(default=False, exclude_if=is_false)
    user_id: int | None = Field(default=None, exclude_if=is_none)
    # Sent only to moderators and above: whether they may act on this member.
    below: bool = Field(default=False, exclude_if=is_false)
    # Only while the person is connected, and not simply online.
    presence: PresenceStatus = Field(default="online", exclude_if=equals("online"))
    status: Status | None = Field(default=None, exclude_if=is_none)
    # A URL; append `/128` or `/512` for a square of that number of pixels. Omitted if there is none.
    picture: str = Field(default="", exclude_if=is_empty)


class Users(Reply):
    """The members of a room."""

    type: Literal["users"] = "users"
    room: str
    users: list[UserEntry]


class Presence(Event):
    """The presence of people, by username."""

    ephemeral: ClassVar[bool] = True

    type: Literal["presence"] = "presence"
    users: dict[str, PresenceStatus]


class UserJoined(Event):
    """A member came online."""

    ephemeral: ClassVar[bool] = True

    type: Literal["user_joined"] = "user_joined"
    room: str
    username: str


class UserLeft(Event):
    """A member went offline."""

    ephemeral: ClassVar[bool] = True

    type: Literal["user_left"] = "user_left"
    room: str
    username: str


class Person(Event):
    """The names of a person, also for earlier messages, their status or their picture have changed."""

    type: Literal["person"] = "person"
    user_id: int
    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=is_false)
    # Omitted if there is none.
    status: Status | None = Field(default=None, exclude_if=is_none)
    picture: str = Field(default="", exclude_if=is_empty)


class StatusChanged(Event):
    """The reader's own status and presence, set on another device."""

    type: Literal["status"] = "status"
    emoji: str
    text: str
    until: str | None
    presence: str


class Blocks(Event):
    """The usernames of all people whom the reader blocks."""

    type: Literal["blocks"] = "blocks"
    people: list[str]


class PeopleGroupItem(BaseModel):
    """A group of people that a message can mention by one name."""

    handle: str
    title: str
    people: int
    # Whether the reader is in it.
    mine: bool


class PeopleGroups(BaseModel):
    """All of them."""

    groups: list[PeopleGroupItem]


class Groups(Reply):
    """All groups of people, by their handles."""

    type: Literal["groups"] = "groups"
    groups: list[PeopleGroupItem]
