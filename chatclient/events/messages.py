"""Messages, their files, and pages of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from chatclient.events.base import Durable, Event, Number, Seconds


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message. `type` is its media type; `url` and `thumbs` are addresses on the server, read with the same
    token; `duration` is in seconds."""

    id: str
    name: str
    size: Number
    type: str = ""
    url: str = ""
    width: Number | None = None
    height: Number | None = None
    duration: Seconds | None = None
    thumbs: Mapping[str, str] = {}
    placeholder: str = ""
    description: str = ""


class PreviewImage(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of a page: the server's copy, with its size in pixels."""

    url: str
    width: Number = 0
    height: Number = 0
    large: bool = False


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A page that a message links to."""

    url: str
    title: str = ""
    description: str = ""
    site: str = ""
    image: PreviewImage | None = None


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """Who pinned a message to the room, and when."""

    by: str
    at: datetime


class Replies(msgspec.Struct, frozen=True, kw_only=True):
    """The thread under a message in numbers. `people`: the usernames of the last people to reply, at most five."""

    count: Number
    last_seq: Number
    last_at: datetime
    people: tuple[str, ...] = ()


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """The forwarded part of a message: its text from the code point `start` on. The author and the place are empty if
    not all readers of the message may know them."""

    start: Number
    timestamp: datetime
    username: str = ""
    display_name: str = ""
    room: str = ""
    seq: Number | None = None


class Message(Durable, frozen=True, kw_only=True):
    """The complete state of a message, sent when it is posted and after each change: it replaces the state of (`room`,
    `seq`).

    `rev` numbers the change, `seq` the position. A deleted message keeps its position and has no text.
    """

    type: str = "message"
    seq: Number
    kind: str = "text"
    text: str = msgspec.field(name="message")
    username: str
    user_id: Number | None = None
    # `person`, `bot`, `hook`, or `imported`: a person from another chat without an account.
    author: str = "person"
    display_name: str = ""
    timestamp: datetime
    client_id: str | None = None
    reply_to: Number | None = None
    edited_at: datetime | None = None
    deleted: bool = False
    deleted_by: str | None = None
    reactions: Mapping[str, tuple[str, ...]] = {}
    mentions: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    previews: tuple[Preview, ...] = ()
    pinned: Pinned | None = None
    # For a reply in a thread: the `seq` of its root. `in_room` False: the room does not show the reply.
    thread: Number | None = None
    in_room: bool = True
    # For a thread's root only.
    replies: Replies | None = None
    # The forwarded part; `text` begins with the comment of the person who forwarded it.
    forwarded: Forwarded | None = None
    # The chat whose export it comes from, such as `slack`.
    imported: str = ""
    system: Mapping[str, Any] | None = None
    was_system: bool = False
    # Another account's name looks like `display_name`: show `username` beside it.
    show_username: bool = False
    # Whether this is the first state delivered of a message that was posted after this client entered the room.
    posted: bool = msgspec.field(default=False, name="(posted)")


class History(Event, frozen=True, kw_only=True):
    """A page of messages as they are now, in `seq` order."""

    type: str = "history"
    room: str
    messages: tuple[Message, ...] = msgspec.field(default=(), name="(messages)")
    has_older: bool = False
    has_newer: bool = False
    # For a page of replies: the `seq` of the thread's root, and the root unless a clearing hides it.
    thread: Number | None = None
    root: Message | None = None
    # Your state in the thread, if you follow or followed it.
    part: "Thread | None" = None


class Resumed(Event, frozen=True, kw_only=True):
    """The changes of a room while the connection was lost. The client processes it itself."""

    type: str = "resumed"
    room: str
    complete: bool = False
    messages: tuple[Durable, ...] = msgspec.field(default=(), name="(messages)")
    rev: Number = 0


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was found. `marks`: the matching ranges of its text, as offsets in code points."""

    message: Message
    room: str = ""
    title: str = ""
    marks: tuple[tuple[int, int], ...] = ()


class InboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """A message that mentions you, or your message with a reaction: `emoji`, added `by` this user."""

    id: Number
    title: str = ""
    message: Message
    by: str = ""
    emoji: str = ""


class Inbox(Event, frozen=True, kw_only=True):
    """Mentions of you, or reactions to your messages, the newest first."""

    type: str = "inbox"
    kind: str = "mentions"
    items: tuple[InboxItem, ...] = ()
    has_older: bool = False


class Search(Event, frozen=True, kw_only=True):
    """Search results, the newest first. `next` is the `after` of the following page, None at the end."""

    type: str = "search"
    results: tuple[SearchResult, ...] = ()
    next: str | None = None
    # Messages older than this are not all indexed yet.
    indexed_until: datetime | None = None
    warnings: tuple[str, ...] = ()


class DraftItem(msgspec.Struct, frozen=True, kw_only=True):
    """Your unfinished text in a room, or in the thread of a `seq`, and when you wrote it."""

    room: str
    thread: int | None = None
    text: str = ""
    at: datetime | None = None


class Draft(Event, frozen=True, kw_only=True):
    """Your draft changed on another connection; an empty text means that it was sent or deleted."""

    type: str = "draft"
    room: str
    thread: int | None = None
    text: str = ""
    at: datetime | None = None


class Drafts(Event, frozen=True, kw_only=True):
    """All your drafts, the newest first."""

    type: str = "drafts"
    drafts: tuple[DraftItem, ...] = ()


class ScheduledItem(msgspec.Struct, frozen=True, kw_only=True):
    """A message to send later: at the local time `at` in `zone`, which is `due`. `state`: `waiting`, `sending`, or
    `refused` with `code` and `problem`."""

    id: Number
    room: str = ""
    message: str = ""
    reply_to: int | None = None
    thread: int | None = None
    in_room: bool = True
    files: tuple[File, ...] = ()
    at: str = ""
    zone: str = ""
    fold: int = 0
    due: datetime | None = None
    state: str = "waiting"
    code: str = ""
    problem: str = ""


class Scheduled(Event, frozen=True, kw_only=True):
    """The current state of your scheduled message; `state` may also be `sent` (as `seq`) or `cancelled`."""

    type: str = "scheduled"
    id: Number
    room: str = ""
    message: str = ""
    reply_to: int | None = None
    thread: int | None = None
    in_room: bool = True
    files: tuple[File, ...] = ()
    at: str = ""
    zone: str = ""
    fold: int = 0
    due: datetime | None = None
    state: str = "waiting"
    code: str = ""
    problem: str = ""
    seq: int | None = None


class Schedules(Event, frozen=True, kw_only=True):
    """All your scheduled messages, the next one first."""

    type: str = "schedules"
    schedules: tuple[ScheduledItem, ...] = ()


class Typing(Event, frozen=True, kw_only=True):
    """A member is typing, or stopped. It expires after six seconds."""

    type: str = "typing"
    room: str
    username: str
    is_typing: bool = False
    # In this thread.
    thread: Number | None = None


class Thread(Event, frozen=True, kw_only=True):
    """Your state in the thread under the message `thread`: it replaces the previous one."""

    type: str = "thread"
    room: str
    thread: Number
    read_seq: Number = 0
    unread: Number = 0
    mentions: Number = 0
    # How many of `mentions` are in replies that the room does not show.
    hidden_mentions: Number = 0
    following: bool = False


class ThreadEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A thread in a list: your state in it, its root (None while a clearing hides it) and its last two replies."""

    room: str
    title: str = ""
    thread: Number
    read_seq: Number = 0
    unread: Number = 0
    mentions: Number = 0
    # How many of `mentions` are in replies that the room does not show.
    hidden_mentions: Number = 0
    following: bool = False
    message: Message | None = None
    latest: tuple[Message, ...] = ()


class Threads(Event, frozen=True, kw_only=True):
    """A page of threads, the newest activity first. `next` is the `before` of the following page, None at the end.

    `unread` and `mentions`: how many of the threads that you follow have unread replies, and how many mention you.
    `hidden_mentions`: by room, the number of mentions of you in replies that it does not show.
    """

    type: str = "threads"
    threads: tuple[ThreadEntry, ...] = ()
    next: str | None = None
    unread: Number = 0
    mentions: Number = 0
    hidden_mentions: dict[str, Number] = {}


class Pins(Event, frozen=True, kw_only=True):
    """The pinned messages of a room, in their order."""

    type: str = "pins"
    room: str
    messages: tuple[Message, ...] = msgspec.field(default=(), name="(messages)")


class Saved(Event, frozen=True, kw_only=True):
    """You saved a message on another connection, or changed or unsaved it; `reminded`: its reminder is due, with the
    message if you may still read it."""

    type: str = "saved"
    room: str
    seq: Number
    on: bool = True
    done: bool = False
    remind_at: datetime | None = None
    reminded: bool = False
    message: Message | None = None


class SavedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A message that you have saved. `state`: "here", "deleted", or "hidden" when you can no longer read it."""

    id: Number
    room: str
    seq: Number
    title: str = ""
    saved_at: datetime
    done: bool = False
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    state: str = "here"
    message: Message | None = None


class SavedMessages(Event, frozen=True, kw_only=True):
    """A page of your saved messages, the last saved first; `next` is the `before` of the following page.

    `places`: the `seq` of all saved messages still to do, by room.
    """

    type: str = "saved_messages"
    saved: tuple[SavedItem, ...] = ()
    next: Number | None = None
    places: Mapping[str, tuple[int, ...]] = {}
