"""The address of a server as people write it, and the URLs derived from it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatclient.errors import InvalidAddress

ROOM_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SOCKET_PATH = re.compile(r"(?P<prefix>.*)/ws/chat(?:/(?P<room>[^/]+))?/?")
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


@dataclass(frozen=True, slots=True)
class Address:
    """A server, and the room of its socket (None: all rooms of the person)."""

    secure: bool
    host: str
    prefix: str
    room: str | None

    @property
    def socket_url(self) -> str:
        """The URL of the socket."""
        scheme = "wss" if self.secure else "ws"
        path = f"{self.prefix}/ws/chat/" + (f"{self.room}/" if self.room else "")
        return f"{scheme}://{self.host}{path}"

    @property
    def http_url(self) -> str:
        """The URL of the server, without a final slash."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{self.host}{self.prefix}"


def parse_address(url: str, room: str | None = None) -> Address:
    """Parse an `http(s)://` or `ws(s)://` address, with or without the path of a socket.

    Raises:
        InvalidAddress: If it cannot be the address of a chat server.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as exc:
        raise InvalidAddress(f"Not an address: {exc}.") from None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise InvalidAddress("Use an address like http://host:port or https://host (ws:// and wss:// work too).")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InvalidAddress("Leave names, passwords and tokens out of the address: there are arguments for them.")
    path = _SOCKET_PATH.fullmatch(parts.path)
    prefix = (path["prefix"] if path else parts.path).rstrip("/")
    room = room or (path["room"] if path else None)
    if room is not None and not ROOM_PATTERN.fullmatch(room):
        raise InvalidAddress("A room is named by 1 to 64 letters, digits, hyphens or underscores.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if port is None else f"{host}:{port}"
    return Address(secure=_SCHEMES[parts.scheme] == "wss", host=netloc, prefix=prefix, room=room)
