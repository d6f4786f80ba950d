"""Events of messages. A `Message` takes the next `rev` of its room."""

from json.encoder import encode_basestring as _json
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol.events.base import Event, Reply
from chat.protocol.events.files import FileFacts
from chat.protocol.events.previews import PreviewFacts
from chat.protocol.omission import is_empty, is_false, is_none

# The events of system lines. Clients translate those they know, and show the sentence of the others.
SystemEvent = Literal[
    "joined", "left", "added", "kicked", "banned", "topic", "renamed", "cleared", "owner", "pinned", "public", "private"
]


class Pinned(BaseModel):
    """Who pinned a message to the room, and when."""

    model_config = ConfigDict(frozen=True)

    by: str
    at: str


class Replies(BaseModel):
    """What a thread has, as its root says it. Deleted replies do not count."""

    model_config = ConfigDict(frozen=True)

    count: int
    last_seq: int
    last_at: str
    # The last people to reply, at most five.
    people: list[str]


class Forwarded(BaseModel):
    """From where a message is forwarded, as far as all who read it may know: of a public room, or of the room in which
    it stands, all; of a private room the author; of a conversation nothing but the time."""

    model_config = ConfigDict(frozen=True)

    # The code point of `message` at which the forwarded text begins; the comment comes before it.
    start: int
    timestamp: str
    username: str = Field(default="", exclude_if=is_empty)
    display_name: str = Field(default="", exclude_if=is_empty)
    room: str = Field(default="", exclude_if=is_empty)
    seq: int | None = Field(default=None, exclude_if=is_none)


class Message(Event):
    """The complete state of a message. It replaces the known state of (room, seq), unless that has a higher rev."""

    type: Literal["message"] = "message"
    room: str
    seq: int
    rev: int
    kind: str
    message: str
    username: str
    user_id: int
    # `person`, `bot`, `hook`, or `imported`: a person from another chat without an account here.
    author: str = "person"
    display_name: str
    timestamp: str
    client_id: str | None
    reply_to: int | None
    edited_at: str | None
    deleted: bool
    deleted_by: str | None
    reactions: dict[str, list[str]]
    mentions: list[str]
    files: list[FileFacts] = []
    previews: list[PreviewFacts] = []
    pinned: Pinned | None = None
    # For a reply in a thread: the `seq` of its root, and whether the room shows it or only its thread.
    thread: int | None = None
    in_room: bool = True
    # Only for a thread's root.
    replies: Replies | None = None
    # Another account has a name that looks the same: show the username beside it.
    show_username: bool = Field(default=False, exclude_if=is_false)
    # The forwarded part; omitted if there is none.
    forwarded: Forwarded | None = Field(default=None, exclude_if=is_none)
    # The chat whose export it comes from, such as `slack`; omitted if there is none.
    imported: str = Field(default="", exclude_if=is_empty)
    # The facts of a system line, with its `event`, a SystemEvent; only system lines have this field.
    system: dict[str, Any] | None = Field(default=None, exclude_if=is_none)
    # A system line that was deleted: it never counted as unread.
    was_system: bool = Field(default=False, exclude_if=is_false)


class PostedAck(Reply):
    """The answer to a message that was posted. All fields are sent, also a `client_id` that is null."""

    type: Literal["ack"] = "ack"
    client_id: str | None
    room: str
    seq: int
    rev: int
    timestamp: str
    duplicate: bool
    # Usernames that the text mentions and that are not members: they were not notified.
    outside: list[str] = Field(default=[], exclude_if=is_empty)

    def encode(self) -> str:
        """As that of all replies, in a quarter of the time, since each message has one. A test compares the two."""
        asked = "" if self.request_id is None else f'"request_id":{_json(self.request_id)},'
        outside = f',"outside":[{",".join(map(_json, self.outside))}]' if self.outside else ""
        return (
            f'{{{asked}"type":"ack","client_id":{"null" if self.client_id is None else _json(self.client_id)},'
            f'"room":{_json(self.room)},"seq":{self.seq},"rev":{self.rev},"timestamp":{_json(self.timestamp)},'
            f'"duplicate":{"true" if self.duplicate else "false"}{outside}}}'
        )


class Typing(Event):
    """A member started or stopped typing."""

    ephemeral: ClassVar[bool] = True

    type: Literal["typing"] = "typing"
    room: str
    username: str
    is_typing: bool
    # In the composer of this thread.
    thread: int | None = Field(default=None, exclude_if=is_none)


class Version(BaseModel):
    """A text of a message, and since when it had it."""

    model_config = ConfigDict(frozen=True)

    message: str
    timestamp: str


class Versions(Reply):
    """The texts of a message, the oldest first; the last one is its text now."""

    type: Literal["versions"] = "versions"
    room: str
    seq: int
    versions: list[Version]
    # Whether it had older texts, which are no longer kept or do not fit into one frame.
    more: bool = Field(default=False, exclude_if=is_false)


class Pins(Reply):
    """The pinned messages of a room, in their order."""

    type: Literal["pins"] = "pins"
    room: str
    messages: list[Message]
