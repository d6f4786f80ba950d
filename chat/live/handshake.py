"""Reads a socket's scope: its subprotocol, the room of its address, its User-Agent."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NamedTuple

# Our ASGI extension: a server that names it in the scope's `extensions` has a function `register` there, which takes a
# handler. When it returns True, the application may return while the socket stays open: when the next message arrives,
# the server calls the handler with `receive`, in a new task. False: a message has already arrived. A waiting task, with
# its context and the coroutines of the middlewares around it, takes 5 KB per idle socket. Another function, `wake`, has
# the handler called at once, without a message; it returns False when there is no handler.
CALLED_AGAIN = "backchannel.called_again"
Receive = Callable[[], Awaitable[dict[str, Any]]]
Handler = Callable[[Receive], Coroutine[Any, Any, None]]

BATCH = "chat.v1.batch"
PLAIN = "chat.v1"


class Arriving(NamedTuple):
    """The parts of the scope kept for a socket that is not greeted yet."""

    # `room_of`.
    room: str | None
    # `wake_of`.
    wake: Callable[[], bool] | None


def protocol_of(scope: dict[str, Any]) -> str | None:
    """The first offered subprotocol that this server speaks; None when there is none."""
    return next((name for name in scope.get("subprotocols", []) if name in (BATCH, PLAIN)), None)


def room_of(scope: dict[str, Any]) -> str | None:
    """The slug in the address of a socket of one room; None for a socket of all rooms."""
    room: str | None = scope["url_route"]["kwargs"].get("room")
    return room


def user_agent(scope: dict[str, Any]) -> str:
    """The User-Agent header without NUL characters, or an empty string."""
    found = (value for name, value in scope.get("headers", ()) if name == b"user-agent")
    return next(found, b"").decode("latin-1").replace("\0", "")


def register_of(scope: dict[str, Any]) -> Callable[[Handler], bool]:
    """`register` of CALLED_AGAIN; where the server has none, a function that refuses each handler."""
    register: Callable[[Handler], bool] = scope.get("extensions", {}).get(CALLED_AGAIN, {}).get("register", _refuse)
    return register


def wake_of(scope: dict[str, Any]) -> Callable[[], bool] | None:
    """`wake` of CALLED_AGAIN; None where the server has none."""
    wake: Callable[[], bool] | None = scope.get("extensions", {}).get(CALLED_AGAIN, {}).get("wake")
    return wake


def _refuse(_handler: Handler) -> bool:
    return False


def forget_headers(scope: dict[str, Any]) -> None:
    """Drop the headers (1 KB, including the cookie): nothing reads them after the handshake, and the nested scopes
    share one list that lives as long as the socket."""
    headers = scope.get("headers")
    if isinstance(headers, list):
        headers.clear()
