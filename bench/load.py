"""The load: many sockets in one room, of which one speaks and all are counted.

It neither parses frames nor decodes JSON. Every message carries a mark, and what is counted is how often the mark
arrives on each socket; a plain epoll loop, no event-loop library. That makes it several times cheaper than any
server it measures, and the share of a core that it took is told with each figure.
"""

import base64
import itertools
import json
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

MARK = b"#bench#"
READ_BYTES = 1 << 18
CONNECT_SECONDS = 30.0
QUIET_SECONDS = 0.3
# After so long without a delivery the rest counts as lost.
PATIENCE_SECONDS = 5.0

# No text and no client_id comes twice in a run: a server would take it for a repetition.
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Round:
    """What one round of messages came to."""

    messages: int
    deliveries: int
    lost: int
    seconds: float
    load_cpu_seconds: float


class Crowd:
    """Sockets that sit in one room. The first one speaks."""

    def __init__(self, port: int, path: str, sockets: int, headers: Mapping[str, str]) -> None:
        self._sockets: dict[int, socket.socket] = {}
        self._tails: dict[int, bytes] = {}
        self._epoll = select.epoll()
        for _ in range(sockets):
            self._add(_handshake(port, path, headers))
        self._speaker = next(iter(self._sockets.values()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._epoll.close()
        for opened in self._sockets.values():
            opened.close()

    def settle(self) -> None:
        """Wait until the server has said all it has to say to newcomers."""
        while ready := self._epoll.poll(QUIET_SECONDS):
            for number, _ in ready:
                self._count(number)

    def speak(self, command: Callable[[str, int], object], *, messages: int, outstanding: int, size: int) -> Round:
        """Send `messages`, of which at most `outstanding` have not come back to the speaker yet.

        `command` makes what is sent of a text of `size` bytes and its number.
        """
        commands = [command(_text(size, number), number) for number in itertools.islice(_numbers, messages)]
        frames = iter([_text_frame(json.dumps(made)) for made in commands])
        expected = messages * len(self._sockets)
        speaker = self._speaker.fileno()
        deliveries = 0
        began, cpu = time.perf_counter(), time.process_time()
        for _ in range(min(outstanding, messages)):
            self._speaker.sendall(next(frames))
        while deliveries < expected:
            ready = self._epoll.poll(PATIENCE_SECONDS)
            if not ready:
                break
            for number, _ in ready:
                arrived = self._count(number)
                deliveries += arrived
                if number == speaker:
                    for frame in itertools.islice(frames, arrived):
                        self._speaker.sendall(frame)
        seconds = time.perf_counter() - began
        return Round(messages, deliveries, expected - deliveries, seconds, time.process_time() - cpu)

    def _add(self, connection: socket.socket) -> None:
        self._sockets[connection.fileno()] = connection
        self._tails[connection.fileno()] = b""
        self._epoll.register(connection, select.EPOLLIN)

    def _count(self, number: int) -> int:
        data = self._sockets[number].recv(READ_BYTES)
        if not data:
            raise ConnectionError("The server closed a socket during the measurement.")
        seen = self._tails[number] + data
        self._tails[number] = seen[-(len(MARK) - 1) :]
        return seen.count(MARK)


def _handshake(port: int, path: str, headers: Mapping[str, str]) -> socket.socket:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    connection = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = connection.recv(READ_BYTES)
        answer += data
        if not data:
            break
    if not answer.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(f"The server refused a socket: {answer.splitlines()[:1]}")
    return connection


def _text(size: int, number: int) -> str:
    return f"{MARK.decode()}{number:08}".ljust(size, "x")


def _text_frame(text: str) -> bytes:
    """One masked text frame; the mask is zero, which is allowed and leaves the payload as it is."""
    payload = text.encode()
    length = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
    return b"\x81" + length + bytes(4) + payload
