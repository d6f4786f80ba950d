"""Events of the server: one model each, and the only place that names their fields."""

from chat.protocol.events.base import Event, Reply, stamp
from chat.protocol.events.connection import Ack, Announcement, Authenticated, Error, Permissions, Pong
from chat.protocol.events.drafts import Draft, DraftItem, Drafts
from chat.protocol.events.emoji import CustomEmoji
from chat.protocol.events.files import FileFacts
from chat.protocol.events.inbox import Inbox, InboxItem
from chat.protocol.events.messages import (
    Forwarded,
    Message,
    Pinned,
    Pins,
    PostedAck,
    Replies,
    SystemEvent,
    Typing,
    Version,
    Versions,
)
from chat.protocol.events.moderation import Audit, AuditItem, BanEntry, Bans, ReportItem, Reports, ReportsOpen
from chat.protocol.events.people import (
    Blocks,
    Card,
    CommonRoom,
    PeopleGroupItem,
    PeopleGroups,
    Person,
    Presence,
    PresenceStatus,
    Status,
    StatusChanged,
    UserEntry,
    UserJoined,
    UserLeft,
    Users,
)
from chat.protocol.events.previews import PreviewFacts, PreviewImage
from chat.protocol.events.reading import Durable, History, Read, Resumed
from chat.protocol.events.rooms import Cleared, JoinedRoom, LeftReason, LeftRoom, RoomEntry, RoomFacts, Rooms
from chat.protocol.events.saved import Saved, SavedItem, SavedMessages, SavedState
from chat.protocol.events.scheduled import Scheduled, ScheduledItem, Schedules
from chat.protocol.events.search import Search, SearchResult
from chat.protocol.events.threads import Thread, ThreadEntry, Threads

__all__ = [
    "Ack",
    "Announcement",
    "Audit",
    "AuditItem",
    "Authenticated",
    "BanEntry",
    "Bans",
    "Blocks",
    "Card",
    "Cleared",
    "CommonRoom",
    "CustomEmoji",
    "Draft",
    "DraftItem",
    "Drafts",
    "Durable",
    "Error",
    "Event",
    "FileFacts",
    "Forwarded",
    "History",
    "Inbox",
    "InboxItem",
    "JoinedRoom",
    "LeftReason",
    "LeftRoom",
    "Message",
    "PeopleGroupItem",
    "PeopleGroups",
    "Permissions",
    "Person",
    "Pinned",
    "Pins",
    "Pong",
    "PostedAck",
    "Presence",
    "PresenceStatus",
    "PreviewFacts",
    "PreviewImage",
    "Read",
    "Replies",
    "Reply",
    "ReportItem",
    "Reports",
    "ReportsOpen",
    "Resumed",
    "RoomEntry",
    "RoomFacts",
    "Rooms",
    "Saved",
    "SavedItem",
    "SavedMessages",
    "SavedState",
    "Scheduled",
    "ScheduledItem",
    "Schedules",
    "Search",
    "SearchResult",
    "Status",
    "StatusChanged",
    "SystemEvent",
    "Thread",
    "ThreadEntry",
    "Threads",
    "Typing",
    "UserEntry",
    "UserJoined",
    "UserLeft",
    "Users",
    "Version",
    "Versions",
    "stamp",
]
