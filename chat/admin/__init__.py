"""The administration of the chat.

Nothing here writes a row by itself: each act goes through the services, so that it takes its number, reaches the
open sockets and stands in the audit record, as the same act in the chat does.
"""

from chat.admin.audit import AuditEntryAdmin
from chat.admin.connections import ConnectionAdmin, ProcessLeaseAdmin, ServerStateAdmin
from chat.admin.members import BanAdmin, MembershipAdmin
from chat.admin.messages import MessageAdmin
from chat.admin.overview import get_app_list
from chat.admin.rooms import RoomAdmin

__all__ = [
    "AuditEntryAdmin",
    "BanAdmin",
    "ConnectionAdmin",
    "MembershipAdmin",
    "MessageAdmin",
    "ProcessLeaseAdmin",
    "RoomAdmin",
    "ServerStateAdmin",
    "get_app_list",
]
