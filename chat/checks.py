"""System checks that refuse wrong deployments before they serve anybody.

Errors stop `manage.py serve`, warnings are printed. `manage.py check --database default` runs them all.
"""

import os
import socket
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.utils import timezone

from chat.models import ProcessLease

KEY_MIN_CHARS = 32
KEY_MIN_DISTINCT = 10
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}


def public() -> bool:
    """Is this server meant to be reached from other machines?"""
    return not settings.DEBUG and not LOOPBACK.issuperset(settings.ALLOWED_HOSTS)


@register(Tags.security)
def hosts(**_kwargs: Any) -> list[CheckMessage]:
    """The Origin rule of the socket trusts the allowed hosts, so a wildcard opens it to every page on the web."""
    if settings.DEBUG or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS allows every host: any web page could open a socket as the person who visits it.",
            hint="Name the hosts: ALLOWED_HOSTS=chat.example.org",
            id="chat.E001",
        )
    ]


@register(Tags.security)
def origins(**_kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if any("*" in origin for origin in settings.CSRF_TRUSTED_ORIGINS):
        found.append(
            Error(
                "CSRF_TRUSTED_ORIGINS has a wildcard: whoever holds one of those names acts as your people.",
                hint="Name each origin: CSRF_TRUSTED_ORIGINS=https://chat.example.org",
                id="chat.E002",
            )
        )
    if public() and not settings.HTTPS:
        found.append(
            Warning(
                "No https:// address in CSRF_TRUSTED_ORIGINS: passwords and cookies travel where others can read them.",
                hint="Put a proxy with TLS in front and set CSRF_TRUSTED_ORIGINS=https://chat.example.org",
                id="chat.W001",
            )
        )
    return found


@register(Tags.security)
def secret_key(**_kwargs: Any) -> list[CheckMessage]:
    hint = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    if public() and not settings.SECRET_KEY_GIVEN:
        return [Error("A public server needs SECRET_KEY in its environment.", hint=hint, id="chat.E003")]
    key = settings.SECRET_KEY
    if len(key) < KEY_MIN_CHARS or len(set(key)) < KEY_MIN_DISTINCT:
        # What signs sessions and tokens must not be guessed, on a laptop neither.
        return [Error(f"SECRET_KEY is too simple (at least {KEY_MIN_CHARS} characters).", hint=hint, id="chat.E004")]
    return []


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
        f"Another process ({names}) serves this database, and there is no REDIS_URL.",
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
