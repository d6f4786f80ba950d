"""The address of a client: the peer's, or the one a trusted proxy reports."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def of_server(request: HttpRequest) -> str:
    """Return the base URL of this server, without a trailing slash. Without PUBLIC_URL it comes from the request's Host
    header: do not put it into anything that is sent to another user."""
    return settings.CHAT_PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def of_request(request: HttpRequest) -> str:
    """Return the client address of a request; empty for a unix socket."""
    return _choose(request.META.get("REMOTE_ADDR") or "", request.META.get("HTTP_X_FORWARDED_FOR", ""))


def of_scope(scope: Mapping[str, Any]) -> str:
    """Return the client address of a socket's ASGI scope; empty for a unix socket."""
    client = scope.get("client")
    forwarded = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
    return _choose(str(client[0]) if client else "", ",".join(value.decode("latin-1") for value in forwarded))


def _choose(peer: str, forwarded: str) -> str:
    """The last forwarded address, which the trusted proxy appended (the client may have sent the others), or `peer`."""
    if settings.CHAT_TRUST_PROXY and (last := forwarded.rpartition(",")[2].strip()):
        return last[:64]
    return peer
