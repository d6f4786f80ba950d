"""Commands that post and change messages, and typing."""

from typing import Literal

from pydantic import Field

from chat.protocol.commands.base import PAGE, SEND, SIGNAL, Command, RoomCommand
from chat.protocol.fields import (
    DraftText,
    Emoji,
    FileIds,
    LinkUrl,
    PostText,
    Recipients,
    Seq,
    Slug,
    Text,
    Token,
    Username,
)
from chat.protocol.in_thread import InThread


class _Posting(Command):
    """What a message is made of."""

    # A list as the default would be deep-copied for each message, which takes as long as all other work on it.
    files: FileIds = Field(default_factory=list)
    message: PostText


class ChatMessage(InThread, _Posting, RoomCommand):
    """Post a message."""

    cost = SEND
    ordered = True

    type: Literal["chat_message", "room_message"]
    client_id: Token | None = None
    reply_to: Seq | None = None


class PrivateMessage(_Posting):
    """Post a message to one person; the direct room is created with the first."""

    cost = SEND
    ordered = True

    type: Literal["private_message"]
    to: Username
    client_id: Token | None = None


class GroupMessage(_Posting):
    """Post a message to the group conversation of exactly these people, created with the first."""

    cost = SEND
    ordered = True

    type: Literal["group_message"]
    to: Recipients
    client_id: Token | None = None


class _Forwarding(RoomCommand):
    """What is forwarded, with a comment of one's own or without one."""

    seq: Seq
    message: DraftText = ""
    client_id: Token | None = None

    @property
    def comment(self) -> str:
        """The comment, or "" if it is blank."""
        return self.message if self.message.strip() else ""


class Forward(InThread, _Forwarding):
    """Post the text and the files of a message to another room, or in a thread of it."""

    cost = SEND
    ordered = True

    type: Literal["forward"]
    to_room: Slug


class ForwardPrivate(_Forwarding):
    """Post the text and the files of a message to one person; the direct room is created with the first message."""

    cost = SEND
    ordered = True

    type: Literal["forward_private"]
    to: Username


class EditMessage(RoomCommand):
    """Replace the text of a message."""

    cost = SEND
    ordered = True

    type: Literal["edit_message"]
    seq: Seq
    message: Text


class DeleteMessage(RoomCommand):
    """Delete the content of a message."""

    cost = SEND
    ordered = True

    type: Literal["delete_message"]
    seq: Seq


class React(RoomCommand):
    """Add or remove a reaction."""

    cost = SEND
    ordered = True

    type: Literal["react"]
    seq: Seq
    emoji: Emoji
    on: bool


class RemovePreview(RoomCommand):
    """Remove the preview of an address from a message, or all of them."""

    cost = SEND
    ordered = True

    type: Literal["remove_preview"]
    seq: Seq
    url: LinkUrl | None = None


class Versions(RoomCommand):
    """Read the earlier texts of a message."""

    cost = PAGE
    ordered = True
    reads = True

    type: Literal["versions"]
    seq: Seq


class Typing(RoomCommand):
    """Start or stop typing."""

    cost = SIGNAL
    ordered = False

    type: Literal["typing"]
    is_typing: bool
    # In the composer of this thread.
    thread: Seq | None = None
