"""What a socket's scope holds: its subprotocol, the room of its address, its User-Agent."""

from typing import Any

BATCH = "chat.v1.batch"
PLAIN = "chat.v1"


def protocol_of(scope: dict[str, Any]) -> str | None:
    """The first offered subprotocol that this server speaks; None when there is none."""
    return next((name for name in scope.get("subprotocols", []) if name in (BATCH, PLAIN)), None)


def room_of(scope: dict[str, Any]) -> str | None:
    """The slug in the address of a socket of one room; None for a socket of all rooms."""
    room: str | None = scope["url_route"]["kwargs"].get("room")
    return room


def user_agent(scope: dict[str, Any]) -> str:
    """The User-Agent header without NUL characters, or an empty text."""
    found = (value for name, value in scope.get("headers", ()) if name == b"user-agent")
    return next(found, b"").decode("latin-1").replace("\0", "")


def forget_headers(scope: dict[str, Any]) -> None:
    """Drop the headers (1 KB, including the cookie): nothing reads them after the handshake, and the nested scopes
    share one list that lives as long as the socket."""
    headers = scope.get("headers")
    if isinstance(headers, list):
        headers.clear()
