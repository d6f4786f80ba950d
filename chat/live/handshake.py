"""What the opening of a socket says: how it wants its frames, which room its address names, which program it is."""

from typing import Any

BATCH = "chat.v1.batch"
PLAIN = "chat.v1"


def protocol_of(scope: dict[str, Any]) -> str | None:
    """The first subprotocol offered that is spoken here."""
    return next((name for name in scope.get("subprotocols", []) if name in (BATCH, PLAIN)), None)


def room_of(scope: dict[str, Any]) -> str | None:
    """The slug in the address of a socket of one room."""
    room: str | None = scope["url_route"]["kwargs"].get("room")
    return room


def user_agent(scope: dict[str, Any]) -> str:
    found = (value for name, value in scope.get("headers", ()) if name == b"user-agent")
    return next(found, b"").decode("latin-1").replace("\0", "")


def forget_headers(scope: dict[str, Any]) -> None:
    """All that is asked of them is known by now. The scopes on the way here share one list and live as long as the
    socket, and with them its 1 KB, the cookie among it."""
    headers = scope.get("headers")
    if isinstance(headers, list):
        headers.clear()
