"""The chat's part of Django's admin.

No admin class writes a row directly: each act goes through the services, so that it takes a `rev`, is published to the
open sockets and is audited, like the same act in the chat.
"""

from chat.admin.audit import AuditEntryAdmin
from chat.admin.connections import ConnectionAdmin, ProcessLeaseAdmin, ServerStateAdmin
from chat.admin.files import FileAdmin
from chat.admin.members import BanAdmin, MembershipAdmin
from chat.admin.messages import MessageAdmin
from chat.admin.participants import ApiTokenAdmin, ParticipantAdmin
from chat.admin.retention import HeldTextAdmin, LegalHoldAdmin
from chat.admin.rooms import RoomAdmin

__all__ = [
    "ApiTokenAdmin",
    "AuditEntryAdmin",
    "BanAdmin",
    "ConnectionAdmin",
    "FileAdmin",
    "HeldTextAdmin",
    "LegalHoldAdmin",
    "MembershipAdmin",
    "MessageAdmin",
    "ParticipantAdmin",
    "ProcessLeaseAdmin",
    "RoomAdmin",
    "ServerStateAdmin",
]
