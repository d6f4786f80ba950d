"""One client's connection, as light as possible: it parses the headers of frames only."""

import base64
import os
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA  # kinds of frames, RFC 6455
READ_BYTES = 1 << 18
CONNECT_SECONDS = 30.0
# socket.io's ping and pong, in text frames.
ENGINE_PING, ENGINE_PONG = b"2", b"3"


@dataclass(frozen=True)
class Address:
    """Where a client connects, with which credentials, and its first message."""

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    hello: Sequence[bytes] = ()
    # The end of the server's greeting; empty: there is none.
    welcome: bytes = b""


CSRF_TOKEN = "a" * 32


def form_headers(address: Address) -> dict[str, str]:
    """The headers of a request that changes something, with the cookie of this client."""
    cookie = f"{address.headers['Cookie']}; csrftoken={CSRF_TOKEN}"
    return {**address.headers, "Cookie": cookie, "X-CSRFToken": CSRF_TOKEN}


class Socket:
    """`open` once the response to its handshake was read, `welcome` once the greeting is complete."""

    __slots__ = ("_awaited", "_connection", "_hello", "_rest", "open", "welcome")

    def __init__(self, address: Address) -> None:
        self._connection = socket.create_connection(("127.0.0.1", address.port), timeout=CONNECT_SECONDS)
        # Without a timeout: with one, Python polls before each read.
        self._connection.settimeout(None)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [
            f"GET {address.path} HTTP/1.1",
            f"Host: 127.0.0.1:{address.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in address.headers.items()),
        ]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode())
        self._hello = address.hello
        self._rest = b""
        self.open = False
        self._awaited = address.welcome
        self.welcome = not self._awaited

    def fileno(self) -> int:
        """The file descriptor, for epoll."""
        return self._connection.fileno()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def say(self, payload: bytes) -> None:
        """Send a text frame."""
        self._connection.sendall(frame(TEXT, payload))

    def read(self) -> bytes:
        """The content of the frames that have arrived. Blocks when there is none."""
        arrived = self._connection.recv(READ_BYTES)
        if not arrived:
            raise ConnectionError("The server dropped a socket.")
        data = self._rest + arrived if self._rest else arrived
        if not self.open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return b""
            self._enter(head)
        position, size = 0, len(data)
        while size - position >= 2:
            kind, length, start = data[position] & 0x0F, data[position + 1], position + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[position + 2 : start], "big")
            if start + length > size:
                break
            if kind >= CLOSE or length == 1:
                self._control(kind, data[start : start + length])
            position = start + length
        self._rest = data[position:]
        complete = data[:position]
        self.welcome = self.welcome or self._awaited in complete
        return complete

    def _enter(self, head: bytes) -> None:
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(f"The server refused a socket: {head.splitlines()[:1]}")
        self.open = True
        for payload in self._hello:
            self.say(payload)

    def _control(self, kind: int, payload: bytes) -> None:
        if kind == CLOSE:
            raise ConnectionError(f"The server closed a socket with {int.from_bytes(payload[:2], 'big')}.")
        if kind == PING:
            self._connection.sendall(frame(PONG, payload))
        elif kind == TEXT and payload == ENGINE_PING:
            self.say(ENGINE_PONG)


def frames_of(data: bytes) -> Iterator[bytes]:
    """The payloads of the text frames in what `Socket.read` has returned."""
    position = 0
    while position < len(data):
        kind, length, start = data[position] & 0x0F, data[position + 1], position + 2
        if length >= 126:
            start += 2 if length == 126 else 8
            length = int.from_bytes(data[position + 2 : start], "big")
        position = start + length
        if kind == TEXT:
            yield data[start:position]


def frame(kind: int, payload: bytes) -> bytes:
    """One masked frame (RFC 6455, 5.2); the mask is zero, which is allowed and leaves the payload unchanged."""
    size = len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return bytes([0x80 | kind]) + length + bytes(4) + payload
