"""Messages: bodies, and where a page of them begins."""

from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from chat.api.schemas.base import Body, Digits, Moment, Number
from chat.protocol.fields import Cursor, DraftText, FileIds, PageSize, PostText, Recipients, Seq, Slug, Text, Token
from chat.protocol.in_thread import InThread


class NewMessage(InThread, Body):
    """A message to post. With a `client_id` it is safe to send again; `reply_to` is the `seq` of another message,
    `files` are ids of files that you uploaded. With files the text may be empty.

    `thread` is the `seq` of the message under which it replies; the room shows the reply only with `in_room`."""

    files: FileIds = []
    message: PostText
    client_id: Token | None = None
    reply_to: Seq | None = None


class GroupPost(NewMessage):
    """A message to a group conversation of the caller and 2 to 9 other people."""

    to: Recipients


class _Forwarding(Body):
    """The comment stands before the forwarded text. With a `client_id` it is safe to send again."""

    message: DraftText = ""
    client_id: Token | None = None

    @property
    def comment(self) -> str:
        """The comment, or "" if it is blank."""
        return self.message if self.message.strip() else ""


class ForwardTo(InThread, _Forwarding):
    """A room to forward a message to, or a `thread` of it, and a comment."""

    to_room: Slug


class ForwardToPerson(_Forwarding):
    """The message to forward to a person, and a comment."""

    room: Slug
    seq: Seq


class EditedMessage(Body):
    """The new text of a message."""

    message: Text


class PinPlace(Body):
    """Where a pin goes: directly below that of the message `below`; null: first."""

    below: Seq | None = None


class ReadUpTo(Body):
    """The `seq` of the last message that was read."""

    seq: Seq


class PageQuery(BaseModel):
    """One of before, after and around: a `seq`; or at: a time. None of them: the newest page."""

    before: Number | None = None
    after: Annotated[Cursor, Digits] | None = None
    around: Number | None = None
    at: Annotated[Moment | None, Field(description="A time: around the first message then or later.")] = None
    limit: Annotated[PageSize, Digits] | None = None
    # Also the replies that only their threads show.
    all: bool = False

    @model_validator(mode="after")
    def _one_direction(self) -> "PageQuery":
        if sum(bound is not None for bound in (self.before, self.after, self.around, self.at)) > 1:
            raise ValueError("give one of before, after, around and at")
        return self
