"""Checks which processes may serve one database together."""

import os
import socket
from collections.abc import Sequence
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.utils import timezone

from chat.models import ProcessLease


@register(Tags.compatibility)
def mixture(**_kwargs: Any) -> list[CheckMessage]:
    """W002: SQLite with Redis."""
    if not settings.CHAT_REDIS_URL or "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
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
    """E005, W003: with an in-memory layer, processes cannot notify each other, and messages would arrive late."""
    if not databases or not isinstance(get_channel_layer(), InMemoryChannelLayer):
        return []
    try:
        others = [lease for lease in ProcessLease.objects.filter(expires_at__gt=timezone.now()) if not _ended(lease)]
    except DatabaseError:
        return []  # No table yet: no process serves a database before its first migration.
    if not others:
        return []
    names = ", ".join(map(str, others))
    message, hint = (
        f"Another process ({names}) is already using this database, and there is no REDIS_URL.",
        "Set the same REDIS_URL for all of them (CHANNEL_LAYERS in a project around the chat), or stop the other one.",
    )
    if any(lease.host == socket.gethostname() for lease in others):
        return [Error(message, hint=hint, id="chat.E005")]
    # A lease from another host may belong to a container that was just killed, and expire within seconds: only warn.
    return [Warning(message, hint=hint, id="chat.W003")]


def _ended(lease: ProcessLease) -> bool:
    """Whether the process of the lease is known to be dead. A machine can tell only for its own processes."""
    if lease.host != socket.gethostname():
        return False
    if lease.pid == os.getpid():
        return True  # The first process of a restarted container has the pid of its predecessor.
    try:
        os.kill(lease.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # It runs as another user.
    return False
