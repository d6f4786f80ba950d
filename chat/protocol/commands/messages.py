"""Commands that post and change messages, and typing."""

from typing import Literal

from chat.protocol.commands.base import SEND, SIGNAL, Command, RoomCommand
from chat.protocol.fields import Emoji, FileIds, LinkUrl, PostText, Recipients, Seq, Text, Token, Username


class _Posting(Command):
    """What a message is made of."""

    files: FileIds = []
    message: PostText


class ChatMessage(_Posting, RoomCommand):
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


class Typing(RoomCommand):
    """Start or stop typing."""

    cost = SIGNAL
    ordered = False

    type: Literal["typing"]
    is_typing: bool
