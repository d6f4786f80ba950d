"""Keeping the record of processes and their sockets."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.models import AuditEntry, Connection, ProcessLease
from chat.services.audit import audit

# A process that was killed counts as alive for so long at most.
LEASE_SECONDS = 15
# Rows of processes that ended without saying so are kept a while, for whoever looks into it.
LEASE_KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Opened:
    connection_id: UUID
    user_id: int
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Closed:
    connection_id: UUID


def lease_renew(process_id: UUID) -> None:
    """Say that this process is alive; forget those that have not been for long."""
    now = timezone.now()
    alive = {"expires_at": now + timedelta(seconds=LEASE_SECONDS)}
    born = alive | {"host": socket.gethostname()[:255], "pid": os.getpid()}
    ProcessLease.objects.update_or_create(id=process_id, defaults=alive, create_defaults=born)
    ProcessLease.objects.filter(expires_at__lt=now - LEASE_KEPT).delete()


def lease_end(process_id: UUID) -> None:
    """This process goes in good order: its sockets are gone with it, at once."""
    ProcessLease.objects.filter(id=process_id).delete()


@transaction.atomic
def connections_close(*, user: User, connections: Sequence[Connection], reason: str = "") -> None:
    """Ask the processes that hold these sockets to close them: they look every other second."""
    Connection.objects.filter(pk__in=[connection.pk for connection in connections]).update(close_requested=True)
    for connection in connections:
        name = connection.user.username
        audit(
            actor=user, action=AuditEntry.Action.DISCONNECT, target=name, reason=reason, connection=str(connection.pk)
        )


def connections_save(process_id: UUID, changes: Sequence[Opened | Closed]) -> None:
    """Write which sockets of this process opened and closed; one that did both leaves no trace."""
    closed = {change.connection_id for change in changes if isinstance(change, Closed)}
    opened = [change for change in changes if isinstance(change, Opened) and change.connection_id not in closed]
    now = timezone.now()
    with transaction.atomic():
        # Somebody whose account was deleted meanwhile must not keep the others from being recorded.
        there = set(User.objects.filter(pk__in={change.user_id for change in opened}).values_list("pk", flat=True))
        Connection.objects.bulk_create(
            Connection(
                id=change.connection_id,
                process_id=process_id,
                user_id=change.user_id,
                address=change.address,
                user_agent=change.user_agent,
                # As the database would say it; but its word is an expression, built and compiled for each row.
                opened_at=now,
            )
            for change in opened
            if change.user_id in there
        )
        Connection.objects.filter(id__in=closed).delete()
