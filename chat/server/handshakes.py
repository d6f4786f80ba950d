"""Reads a usual WebSocket handshake in one step. No I/O.

daphne parses a handshake as a request and writes it again, and autobahn parses that. Any unusual handshake is left to
them, with their own refusals.
"""

import re
from typing import NamedTuple

# Twisted's limit on the headers of a request.
MOST_BYTES = 16 * 1024

# Strict patterns: any other name, header or line end is not handled here.
_USUAL = re.compile(
    rb"GET (/(?:[-0-9A-Za-z._~%][-0-9A-Za-z._~%/]*)?(?:\?[!\"$-~]*)?) HTTP/1\.1\r\n"
    rb"((?:[-0-9A-Za-z]+:[ -~\t]*\r\n)+)\r\n"
)
# Up to 65535.
_PORT = "[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
_PLACE = rf"[-0-9A-Za-z.]+(?::(?:{_PORT}))?"
_NAME = r"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_WANTED = {
    "host": re.compile(_PLACE),
    "upgrade": re.compile("websocket", re.IGNORECASE),
    "connection": re.compile("(?:keep-alive, ?)?upgrade", re.IGNORECASE),
    "sec-websocket-version": re.compile("13"),
    "sec-websocket-key": re.compile(r"[0-9A-Za-z+/]{22}=="),
}
_ALLOWED = {
    "origin": re.compile(f"https?://{_PLACE}"),
    "sec-websocket-protocol": re.compile(f"{_NAME}(?:, ?{_NAME})*"),
    "sec-websocket-extensions": re.compile("permessage-deflate(?:; client_max_window_bits)?"),
}
# Headers of a request with a body, or that waits for "100 Continue".
_UNUSUAL = frozenset({"content-length", "transfer-encoding", "expect"})


class Handshake(NamedTuple):
    """A handshake that passes all checks of the server itself."""

    path: str
    query: bytes
    # By lower-case name.
    headers: dict[str, str]
    protocols: list[str]

    @property
    def key(self) -> str:
        """The client's nonce; the response contains its hash."""
        return self.headers["sec-websocket-key"]

    @property
    def offers_deflate(self) -> bool:
        """Whether the client offers compression."""
        return "sec-websocket-extensions" in self.headers


def usual_handshake(data: bytes) -> Handshake | None:
    """Return the handshake in `data`, with nothing after it; None for anything else, even an incomplete handshake."""
    found = _USUAL.fullmatch(data) if len(data) <= MOST_BYTES else None
    if found is None:
        return None
    lines = found[2].decode("ascii").split("\r\n")[:-1]
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if len(headers) < len(lines) or not _UNUSUAL.isdisjoint(headers):
        return None
    if not all(name in headers and form.fullmatch(headers[name]) for name, form in _WANTED.items()):
        return None
    if not all(form.fullmatch(headers[name]) for name, form in _ALLOWED.items() if name in headers):
        return None
    named = headers.get("sec-websocket-protocol")
    protocols = [one.strip() for one in named.split(",")] if named else []
    if len(set(protocols)) < len(protocols):
        return None
    path, _, query = found[1].partition(b"?")
    return Handshake(path.decode("ascii"), query, headers, protocols)
