"""Members of a room, and what moderators do to them."""

from typing import Annotated

from pydantic import BaseModel, Field

from chat.api.schemas.base import Body, Digits
from chat.protocol.commands import Role
from chat.protocol.events import UserEntry
from chat.protocol.fields import Minutes, Seq, ShortText
from chat.protocol.omission import is_false


class MemberChange(Body):
    """People are added as members; pass `role` to change that."""

    role: Role | None = None


class Expulsion(Body):
    """Without `minutes`: permanently."""

    minutes: Minutes | None = None
    reason: ShortText = ""


class Muting(Body):
    """How long, and why."""

    minutes: Minutes
    reason: ShortText = ""


class RecordsQuery(BaseModel):
    """Where the page begins."""

    before: Annotated[Seq | None, Digits, Field(description="The `id` of the last entry that you have.")] = None


class Members(BaseModel):
    """The members of a room."""

    members: list[UserEntry]


class Member(BaseModel):
    """A member of a room."""

    username: str
    display_name: str
    show_username: bool = Field(default=False, exclude_if=is_false)
    role: str
    muted_until: str | None
