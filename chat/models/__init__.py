"""The tables. Constraints are in the database; rules about people are in `chat.rules`."""

from chat.models.addresses import RoomAddress
from chat.models.bindings import RoomBinding
from chat.models.blocks import BLOCK, UncountedBlock
from chat.models.connections import Connection, ProcessLease
from chat.models.credentials import ApiToken, Ticket
from chat.models.drafts import KeptDraft
from chat.models.emoji import CustomEmoji, EmojiName
from chat.models.exports import Export, TransferWork
from chat.models.files import File
from chat.models.groups import PeopleGroup
from chat.models.import_jobs import ImportJob
from chat.models.import_matches import MatchedPart, PersonMatch
from chat.models.imports import ImportedMessage, ImportedPerson, ImportedRoom, ImportRun
from chat.models.messages import Forward, Mention, Message, Reaction
from chat.models.moderation import AuditEntry, Ban
from chat.models.notifications import (
    Attention,
    Notification,
    NotificationCursor,
    NotificationWork,
    PushDelivery,
    PushSubscription,
)
from chat.models.participants import Participant
from chat.models.people import Block, Profile, Report
from chat.models.preferences import Preferences
from chat.models.previews import LinkedPage, Preview, PreviewWork
from chat.models.retention import HeldText, LegalHold
from chat.models.rooms import (
    CONVERSATIONS,
    DIRECT_PREFIX,
    SLUG_PATTERN,
    Membership,
    Room,
    ServerState,
    level_of,
)
from chat.models.saved import SavedMessage
from chat.models.scheduled import ScheduledMessage
from chat.models.search import SearchCursor, SearchDocument
from chat.models.threads import Thread, ThreadFollow
from chat.models.versions import MessageVersion

__all__ = [
    "BLOCK",
    "CONVERSATIONS",
    "DIRECT_PREFIX",
    "SLUG_PATTERN",
    "ApiToken",
    "Attention",
    "AuditEntry",
    "Ban",
    "Block",
    "Connection",
    "CustomEmoji",
    "EmojiName",
    "Export",
    "File",
    "Forward",
    "HeldText",
    "ImportJob",
    "ImportRun",
    "ImportedMessage",
    "ImportedPerson",
    "ImportedRoom",
    "KeptDraft",
    "LegalHold",
    "LinkedPage",
    "MatchedPart",
    "Membership",
    "Mention",
    "Message",
    "MessageVersion",
    "Notification",
    "NotificationCursor",
    "NotificationWork",
    "Participant",
    "PeopleGroup",
    "PersonMatch",
    "Preferences",
    "Preview",
    "PreviewWork",
    "ProcessLease",
    "Profile",
    "PushDelivery",
    "PushSubscription",
    "Reaction",
    "Report",
    "Room",
    "RoomAddress",
    "RoomBinding",
    "SavedMessage",
    "ScheduledMessage",
    "SearchCursor",
    "SearchDocument",
    "ServerState",
    "Thread",
    "ThreadFollow",
    "Ticket",
    "TransferWork",
    "UncountedBlock",
    "level_of",
]
