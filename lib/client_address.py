"""Where a request came from, as far as that can be trusted."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def of_server(request: HttpRequest) -> str:
    """How a link to this server begins. Where nothing is configured it is the address that its reader is on, whose
    host Django has checked: never put it into anything that somebody else is sent."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def of_request(request: HttpRequest) -> str:
    return _choose(request.META.get("REMOTE_ADDR") or "", request.META.get("HTTP_X_FORWARDED_FOR", ""))


def of_scope(scope: Mapping[str, Any]) -> str:
    """The same for a socket."""
    client = scope.get("client")
    forwarded = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
    return _choose(str(client[0]) if client else "", ",".join(value.decode("latin-1") for value in forwarded))


def _choose(peer: str, forwarded: str) -> str:
    """The last address is the one our proxy wrote; those before it are whatever the client claims."""
    if settings.TRUST_PROXY and (last := forwarded.rpartition(",")[2].strip()):
        return last[:64]
    return peer
