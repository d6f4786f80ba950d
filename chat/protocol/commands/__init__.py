"""Commands of clients: one JSON object a frame, parsed once into a typed command (`parsing`).

The class of a command declares its fields, its cost, and whether it keeps its order among messages. Its handler is in
`chat.live.handlers`.
"""

from chat.protocol.commands.base import (
    COMMANDS,
    FREE,
    PAGE,
    SEND,
    SIGNAL,
    SIX_PAGES,
    Budget,
    Command,
    Cost,
    RoomCommand,
)
from chat.protocol.commands.connection import Broadcast, Ping
from chat.protocol.commands.drafts import Draft, Drafts
from chat.protocol.commands.inbox import Inbox, InboxKind
from chat.protocol.commands.messages import (
    ChatMessage,
    DeleteMessage,
    EditMessage,
    GroupMessage,
    PrivateMessage,
    React,
    RemovePreview,
    Typing,
)
from chat.protocol.commands.moderation import (
    Audit,
    Ban,
    Bans,
    CloseReport,
    Kick,
    Mute,
    Outcome,
    Report,
    Reports,
    Role,
    SetRole,
    Unban,
    Unmute,
)
from chat.protocol.commands.people import Block, Presence, SetStatus
from chat.protocol.commands.pins import Pin, PinMove, Pins
from chat.protocol.commands.reading import RESUME_ROOMS, History, MarkUnread, Read, ReadAll, Resume
from chat.protocol.commands.rooms import Clear, JoinRoom, LeaveRoom, Pinning, Posting, RoomUpdate, Topic, Users
from chat.protocol.commands.saved import Save, SavedMessages
from chat.protocol.commands.scheduled import (
    CancelSchedule,
    ChangeSchedule,
    Schedule,
    Schedules,
    SendScheduled,
)
from chat.protocol.commands.search import Search
from chat.protocol.commands.threads import Follow, ThreadFilter, ThreadRead, Threads

__all__ = [
    "COMMANDS",
    "FREE",
    "PAGE",
    "RESUME_ROOMS",
    "SEND",
    "SIGNAL",
    "SIX_PAGES",
    "Audit",
    "Ban",
    "Bans",
    "Block",
    "Broadcast",
    "Budget",
    "CancelSchedule",
    "ChangeSchedule",
    "ChatMessage",
    "Clear",
    "CloseReport",
    "Command",
    "Cost",
    "DeleteMessage",
    "Draft",
    "Drafts",
    "EditMessage",
    "Follow",
    "GroupMessage",
    "History",
    "Inbox",
    "InboxKind",
    "JoinRoom",
    "Kick",
    "LeaveRoom",
    "MarkUnread",
    "Mute",
    "Outcome",
    "Pin",
    "PinMove",
    "Ping",
    "Pinning",
    "Pins",
    "Posting",
    "Presence",
    "PrivateMessage",
    "React",
    "Read",
    "ReadAll",
    "RemovePreview",
    "Report",
    "Reports",
    "Resume",
    "Role",
    "RoomCommand",
    "RoomUpdate",
    "Save",
    "SavedMessages",
    "Schedule",
    "Schedules",
    "Search",
    "SendScheduled",
    "SetRole",
    "SetStatus",
    "ThreadFilter",
    "ThreadRead",
    "Threads",
    "Topic",
    "Typing",
    "Unban",
    "Unmute",
    "Users",
]
