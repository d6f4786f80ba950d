"""The database's record of server processes and their open sockets."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.models import AuditEntry, Connection, Participant, ProcessLease
from chat.services.audit import audit

# Lifetime of a lease: a killed process is counted as alive for at most this time.
LEASE_SECONDS = 15
# Leases of processes that ended without deleting them are kept for inspection.
LEASE_KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Opened:
    """A socket that was opened, as the record has it."""

    connection_id: UUID
    user_id: int
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A socket that was closed."""

    connection_id: UUID


def lease_renew(process_id: UUID) -> None:
    """Renew this process's lease. One statement, but for the first."""
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    if not ProcessLease.objects.filter(id=process_id).update(expires_at=until):
        born = {"expires_at": until, "host": socket.gethostname()[:255], "pid": os.getpid()}
        ProcessLease.objects.get_or_create(id=process_id, defaults=born)


def leases_clean() -> None:
    """Delete the leases and sockets of processes that ended long ago."""
    ProcessLease.objects.filter(expires_at__lt=timezone.now() - LEASE_KEPT).delete()


def lease_end(process_id: UUID) -> None:
    """Delete the lease of this process, and with it the record of its sockets, at an orderly stop."""
    ProcessLease.objects.filter(id=process_id).delete()


@transaction.atomic
def connections_close(*, user: Participant, connections: Sequence[Connection], reason: str = "") -> None:
    """Request that these sockets be closed. Their processes read the request at their next comparison, within about 1
    s."""
    Connection.objects.filter(pk__in=[connection.pk for connection in connections]).update(close_requested=True)
    for connection in connections:
        name = connection.user.username
        audit(
            actor=user, action=AuditEntry.Action.DISCONNECT, target=name, reason=reason, connection=str(connection.pk)
        )


def connections_save(process_id: UUID, changes: Sequence[Opened | Closed]) -> None:
    """Record which sockets of this process opened and closed. One that did both since the last call is not recorded."""
    closed = {change.connection_id for change in changes if isinstance(change, Closed)}
    opened = [change for change in changes if isinstance(change, Opened) and change.connection_id not in closed]
    now = timezone.now()
    with transaction.atomic():
        # The account of one socket can have been deleted meanwhile; the other sockets must still be recorded.
        there = set(
            Participant.objects.filter(pk__in={change.user_id for change in opened}).values_list("pk", flat=True)
        )
        Connection.objects.bulk_create(
            Connection(
                id=change.connection_id,
                process_id=process_id,
                user_id=change.user_id,
                address=change.address,
                user_agent=change.user_agent,
                # The same as the database's default, whose expression would be compiled for each row.
                opened_at=now,
            )
            for change in opened
            if change.user_id in there
        )
        Connection.objects.filter(id__in=closed).delete()
