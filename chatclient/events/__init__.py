"""Events of the server, typed: structs of msgspec, which reads and checks them.

`Connected`, `Disconnected`, `Reloaded` and `SendFailed` come from the client itself.
"""

from chatclient.events.base import Durable, Event
from chatclient.events.connection import (
    Ack,
    Announcement,
    Authenticated,
    Connected,
    Disconnected,
    Refused,
    Reloaded,
    SendFailed,
)
from chatclient.events.messages import File, History, Message, Resumed, Search, SearchResult, Typing
from chatclient.events.moderation import Audit, AuditItem, BanEntry, Bans, ReportItem, Reports, ReportsOpen
from chatclient.events.people import (
    Blocks,
    Person,
    Presence,
    Status,
    StatusChanged,
    UserEntry,
    UserJoined,
    UserLeft,
    Users,
)
from chatclient.events.rooms import Cleared, JoinedRoom, LeftRoom, Read, RoomChanged, RoomEntry, Rooms

# Those of the server, by their type.
KINDS: dict[str, type[Event]] = {
    "message": Message,
    "cleared": Cleared,
    "room": RoomChanged,
    "authenticated": Authenticated,
    "rooms": Rooms,
    "joined_room": JoinedRoom,
    "left_room": LeftRoom,
    "history": History,
    "search": Search,
    "resumed": Resumed,
    "typing": Typing,
    "user_joined": UserJoined,
    "user_left": UserLeft,
    "presence": Presence,
    "read": Read,
    "users": Users,
    "bans": Bans,
    "status": StatusChanged,
    "blocks": Blocks,
    "report": ReportsOpen,
    "reports": Reports,
    "audit": Audit,
    "person": Person,
    "announcement": Announcement,
    "ack": Ack,
    "error": Refused,
}

__all__ = [
    "KINDS",
    "Ack",
    "Announcement",
    "Audit",
    "AuditItem",
    "Authenticated",
    "BanEntry",
    "Bans",
    "Blocks",
    "Cleared",
    "Connected",
    "Disconnected",
    "Durable",
    "Event",
    "File",
    "History",
    "JoinedRoom",
    "LeftRoom",
    "Message",
    "Person",
    "Presence",
    "Read",
    "Refused",
    "Reloaded",
    "ReportItem",
    "Reports",
    "ReportsOpen",
    "Resumed",
    "RoomChanged",
    "RoomEntry",
    "Rooms",
    "Search",
    "SearchResult",
    "SendFailed",
    "Status",
    "StatusChanged",
    "Typing",
    "UserEntry",
    "UserJoined",
    "UserLeft",
    "Users",
]
