"""Which processes may serve one database together."""

import os
import socket
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.utils import timezone

from chat.models import ProcessLease


@register(Tags.compatibility)
def mixture(**_kwargs: Any) -> list[CheckMessage]:
    if not settings.REDIS_URL or "sqlite3" not in settings.DATABASES["default"]["ENGINE"]:
        return []
    return [
        Warning(
            "REDIS_URL is set, but the database is an SQLite file, which serves one process best.",
            hint="Set DATABASE_URL=postgres://… to serve with several processes, or leave REDIS_URL out.",
            id="chat.W002",
        )
    ]


@register(Tags.database)
def one_process_in_memory(*, databases: Sequence[str] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Without Redis, processes cannot tell each other of new messages: people would get them late."""
    if settings.REDIS_URL or not databases:
        return []
    try:
        others = [lease for lease in ProcessLease.objects.filter(expires_at__gt=timezone.now()) if not _ended(lease)]
    except DatabaseError:
        return []  # No table yet: nobody serves a database before its first migration.
    if not others:
        return []
    names = ", ".join(map(str, others))
    message, hint = (
        f"Another process ({names}) is already using this database, and there is no REDIS_URL.",
        "Set the same REDIS_URL for all of them, or stop the other one.",
    )
    if any(lease.host == socket.gethostname() for lease in others):
        return [Error(message, hint=hint, id="chat.E005")]
    # Perhaps a container that was just killed: its lease ends within seconds, so this one may start.
    return [Warning(message, hint=hint, id="chat.W003")]


def _ended(lease: ProcessLease) -> bool:
    """Was the process of this lease killed, as far as can be told from this machine? It then had no time to end it."""
    if lease.host != socket.gethostname():
        return False
    if lease.pid == os.getpid():
        return True  # The first process of a restarted container has the number of the one before.
    try:
        os.kill(lease.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # It lives, as somebody else.
    return False
