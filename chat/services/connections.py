"""The database's record of server processes and their open sockets."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.utils import timezone

from chat.lib.joined_statements import select_joined
from chat.lib.prepared_queries import PreparedManyLists, numbers
from chat.models import AuditEntry, Connection, Participant, ProcessLease
from chat.services.audit import audit
from chat.services.sql_pipeline import deleting, inserting, run_together, updating

# Lifetime of a lease in seconds: a killed process counts as alive for at most this long.
LEASE_SECONDS = 15
# Leases that their process did not delete on exit are kept this long for inspection.
LEASE_KEPT = timedelta(hours=1)
# Raw SQL: the ORM takes 0.1 ms for each row, and each socket that opens or closes is a row.
_THERE = PreparedManyLists(lambda pks: Participant.objects.filter(pk__in=pks).values_list("pk"), numbers)
_OPEN = inserting(
    Connection._meta.db_table,
    {
        "id": "uuid",
        "process_id": "uuid",
        "user_id": "bigint",
        "opened_at": "timestamptz",
        "address": "text",
        "user_agent": "text",
        "close_requested": "boolean",
    },
)
_RENEW = f"{updating(ProcessLease._meta.db_table, {'expires_at': 'timestamptz', 'id': 'uuid'}).by_row} RETURNING id"
_CLOSE = deleting(Connection._meta.db_table, "id", "uuid")


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


def lease_renew(process_id: UUID) -> bool:
    """Renew this process's lease; returns whether it existed. One statement, except for the first call."""
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    stored = (connection.ops.adapt_datetimefield_value(until), _stored(process_id))
    [renewed] = select_joined(connections[DEFAULT_DB_ALIAS], [(_RENEW, stored)])
    if renewed:
        return True
    born = {"expires_at": until, "host": socket.gethostname()[:255], "pid": os.getpid()}
    ProcessLease.objects.get_or_create(id=process_id, defaults=born)
    return False


def leases_clean() -> None:
    """Delete the leases and sockets of processes that ended long ago."""
    ProcessLease.objects.filter(expires_at__lt=timezone.now() - LEASE_KEPT).delete()


def lease_end(process_id: UUID) -> None:
    """Delete this process's lease, and with it the records of its sockets, on a clean shutdown."""
    ProcessLease.objects.filter(id=process_id).delete()


@transaction.atomic
def connections_close(*, user: Participant, connections: Sequence[Connection], reason: str = "") -> None:
    """Request that these sockets be closed. Their processes see this at their next comparison, within about 1 s."""
    Connection.objects.filter(pk__in=[connection.pk for connection in connections]).update(close_requested=True)
    for one in connections:
        name = one.user.username
        audit(actor=user, action=AuditEntry.Action.DISCONNECT, target=name, reason=reason, connection=str(one.pk))


def connections_save(process_id: UUID, changes: Sequence[Opened | Closed]) -> None:
    """Record which sockets of this process opened and closed. Skips those that did both since the last call."""
    closed = {change.connection_id for change in changes if isinstance(change, Closed)}
    opened = [change for change in changes if isinstance(change, Opened) and change.connection_id not in closed]
    # Equals the database's default. Adapted to a string once instead of in each row.
    opened_at = str(connection.ops.adapt_datetimefield_value(timezone.now()))
    with transaction.atomic():
        # A socket's account can have been deleted meanwhile; the other sockets must still be recorded.
        there = {pk for (pk,) in _THERE.all(change.user_id for change in opened)}
        rows = [
            (
                *(_stored(change.connection_id), _stored(process_id), change.user_id, opened_at),
                *(change.address, change.user_agent, False),
            )
            for change in opened
            if change.user_id in there
        ]
        gone = [(_stored(connection_id),) for connection_id in closed]
        run_together(*([(_OPEN, rows)] if rows else ()), *([(_CLOSE, gone)] if gone else ()), last=True)


def _stored(value: UUID) -> UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex
