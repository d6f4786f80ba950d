"""The Python client of Backchannel.

    async with ChatClient("https://chat.example.org", token=token, room="lobby") as client:
        await client.send("Good morning")
        async for message in client.posts():
            print(message.username, message.text)

`send` returns when the server has stored the message. Events arrive in room order, with no gaps or duplicates, through
reconnects and server restarts. `ConnectionPool` spreads sends over several connections.

All exceptions are in one tree:

* `ChatError`
    * `InvalidAddress`
    * `ConnectionFailed`: trying again may help
        * `ServerUnreachable`, `HandshakeRefused`, `NotAChatServer`, `ConnectionLost`
    * `ConnectionEnded`: the server ended it permanently
        * `NotSignedIn`, `RemovedFromRoom`, `NoSuchRoom`, `TooManySockets`, `SignedOut`
    * `SignInFailed`
    * `ClientClosed`
    * `AnswerLost`
    * `PositionFileError`
    * `OutboxError`
        * `OutboxFull`, `OutboxFileError`
    * `CommandRefused`: the server refused
        * `Invalid`, `TooLarge`, `Unsupported`, `QuotaFull`, `NotFound`, `Forbidden`, `Muted`, `Banned`,
          `RateLimited`, `Conflict`, `Unavailable`, `ServerFailed`

`chatclient.errors` says when each is raised.
"""

import logging

from chatclient.client import ChatClient
from chatclient.errors import (
    AnswerLost,
    Banned,
    ChatError,
    ClientClosed,
    CommandRefused,
    Conflict,
    ConnectionEnded,
    ConnectionFailed,
    ConnectionLost,
    Forbidden,
    HandshakeRefused,
    Invalid,
    InvalidAddress,
    Muted,
    NoSuchRoom,
    NotAChatServer,
    NotFound,
    NotSignedIn,
    OutboxError,
    OutboxFileError,
    OutboxFull,
    PositionFileError,
    QuotaFull,
    RateLimited,
    RemovedFromRoom,
    ServerFailed,
    ServerUnreachable,
    SignedOut,
    SignInFailed,
    TooLarge,
    TooManySockets,
    Unavailable,
    Unsupported,
)
from chatclient.events import (
    Ack,
    Announcement,
    Authenticated,
    Cleared,
    Connected,
    CustomEmoji,
    Disconnected,
    EmojiChanged,
    Event,
    File,
    Forwarded,
    History,
    JoinedRoom,
    LeftRoom,
    Message,
    Person,
    Pinned,
    Pins,
    Presence,
    Read,
    Refused,
    Reloaded,
    Replies,
    RoomChanged,
    RoomEntry,
    Rooms,
    Saved,
    SavedItem,
    SavedMessages,
    Search,
    SearchResult,
    SendFailed,
    Thread,
    ThreadEntry,
    Threads,
    Typing,
    UserEntry,
    UserJoined,
    UserLeft,
    Users,
    Version,
    Versions,
)
from chatclient.feed import Position
from chatclient.pool import ConnectionPool
from chatclient.timing import Timing
from chatclient.transcript import RoomTranscript, Transcript

__version__ = "0.1.0"

# Lost connections and refusals are logged as `chatclient`, and printed only if the program installs a handler.
logging.getLogger("chatclient").addHandler(logging.NullHandler())

__all__ = [
    "Ack",
    "Announcement",
    "AnswerLost",
    "Authenticated",
    "Banned",
    "ChatClient",
    "ChatError",
    "Cleared",
    "ClientClosed",
    "CommandRefused",
    "Conflict",
    "Connected",
    "ConnectionEnded",
    "ConnectionFailed",
    "ConnectionLost",
    "ConnectionPool",
    "CustomEmoji",
    "Disconnected",
    "EmojiChanged",
    "Event",
    "File",
    "Forbidden",
    "Forwarded",
    "HandshakeRefused",
    "History",
    "Invalid",
    "InvalidAddress",
    "JoinedRoom",
    "LeftRoom",
    "Message",
    "Muted",
    "NoSuchRoom",
    "NotAChatServer",
    "NotFound",
    "NotSignedIn",
    "OutboxError",
    "OutboxFileError",
    "OutboxFull",
    "Person",
    "Pinned",
    "Pins",
    "Position",
    "PositionFileError",
    "Presence",
    "QuotaFull",
    "RateLimited",
    "Read",
    "Refused",
    "Reloaded",
    "RemovedFromRoom",
    "Replies",
    "RoomChanged",
    "RoomEntry",
    "RoomTranscript",
    "Rooms",
    "Saved",
    "SavedItem",
    "SavedMessages",
    "Search",
    "SearchResult",
    "SendFailed",
    "ServerFailed",
    "ServerUnreachable",
    "SignInFailed",
    "SignedOut",
    "Thread",
    "ThreadEntry",
    "Threads",
    "Timing",
    "TooLarge",
    "TooManySockets",
    "Transcript",
    "Typing",
    "Unavailable",
    "Unsupported",
    "UserEntry",
    "UserJoined",
    "UserLeft",
    "Users",
    "Version",
    "Versions",
]
