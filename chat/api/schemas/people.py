"""The caller, their profile and status, and other people."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body
from chat.protocol.commands import Presence
from chat.protocol.fields import Moment, Sought, StatusEmoji, StatusText
from chat.protocol.omission import is_false


class NewStatus(Body):
    """Fields that are left out stay; null or "" takes a value away."""

    emoji: StatusEmoji | None = None
    text: StatusText | None = None
    until: Annotated[Moment | None, Field(description="When it ends: ISO 8601 with an offset. null: it stays.")] = None
    presence: Presence = "auto"


class NewGroup(Body):
    """A group of people that a message can mention by one name."""

    title: Annotated[str, Field(max_length=64)] = ""


class ProfileChange(Body):
    """Fields that are left out stay."""

    pronouns: Annotated[str, Field(max_length=32)] = ""
    title: Annotated[str, Field(max_length=64)] = ""
    about: Annotated[str, Field(max_length=160)] = ""
    phone: Annotated[str, Field(max_length=32)] = ""
    time_zone: Annotated[str, Field(max_length=64, description="A name of the IANA database: Europe/Berlin.")] = ""


class PeopleQuery(BaseModel):
    """The people to look for."""

    q: Annotated[Sought, Field(description="How a username or a shown name begins.")] = ""
    staff: Annotated[bool, Field(description="Only administrators of the server.")] = False


class Me(BaseModel):
    """The caller."""

    user_id: int
    username: str
    display_name: str
    staff: bool
    epoch: str


class Person(BaseModel):
    """A person to write to."""

    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=is_false)
    user_id: int


class People(BaseModel):
    """People to write to."""

    people: list[Person]


class BlockedPeople(BaseModel):
    """The usernames of the people whom the caller blocks."""

    people: list[str]
