"""People: members, presence, names, status and blocks."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from chatclient.events.base import Event, Number


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A person's status; `until` None: it does not expire."""

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
    # A URL; append `/128` or `/512` for a square of that number of pixels.
    picture: str = ""


class Users(Event, frozen=True, kw_only=True):
    """The members of a room."""

    type: str = "users"
    room: str = ""
    users: tuple[UserEntry, ...] = ()


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


class Person(Event, frozen=True, kw_only=True):
    """The names or the status of a person in one of your rooms changed; `show_username`: the name looks like
    another person's."""

    type: str = "person"
    user_id: Number
    username: str
    display_name: str = ""
    show_username: bool = False
    status: Status | None = None
    picture: str = ""


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


class PeopleGroup(msgspec.Struct, frozen=True, kw_only=True):
    """People whom a message can mention by one name, `@handle`. `mine`: you are one of them."""

    handle: str
    title: str = ""
    people: Number = 0
    mine: bool = False


class Groups(Event, frozen=True, kw_only=True):
    """The server's groups of people."""

    type: str = "groups"
    groups: tuple[PeopleGroup, ...] = ()
