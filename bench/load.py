"""The load: many sockets in one room, of which one speaks and all are counted.

It decodes no JSON. Every message of a round carries the round's mark, and what is counted is how often that arrives on
the sockets; of frames it reads only the heads, to answer pings. A plain epoll loop, no event-loop library. The share of
a core that it took is told with each figure.
"""

import base64
import itertools
import json
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA  # kinds of frames, RFC 6455
READ_BYTES = 1 << 18
CONNECT_SECONDS = 30.0
QUIET_SECONDS = 0.3
# After so long without a delivery the rest counts as lost.
PATIENCE_SECONDS = 5.0

# No mark comes twice: what is late, or comes again as history, is not counted for another round.
# No text and no client_id does either: a server would take it for a repetition.
_rounds = itertools.count(1)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Round:
    """What one round of messages came to."""

    messages: int
    deliveries: int
    lost: int
    seconds: float
    load_cpu_seconds: float


class Socket:
    """One client's connection."""

    def __init__(self, port: int, path: str, headers: Mapping[str, str]) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_SECONDS)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (data := self._connection.recv(READ_BYTES)):
            answer += data
        head, _, self._rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(f"The server refused a socket: {head.splitlines()[:1]}")

    def fileno(self) -> int:
        return self._connection.fileno()

    def close(self) -> None:
        self._connection.close()

    def send(self, frame: bytes) -> None:
        self._connection.sendall(frame)

    def read(self, mark: bytes) -> int:
        """Take in what has arrived; returns how many messages with this mark it held."""
        arrived = self._connection.recv(READ_BYTES)
        if not arrived:
            raise ConnectionError("The server dropped a socket.")
        data = self._rest + arrived
        position, size = 0, len(data)
        while size - position >= 2:
            kind, length, start = data[position] & 0x0F, data[position + 1], position + 2
            if length >= 126:
                start += 2 if length == 126 else 8
                length = int.from_bytes(data[position + 2 : start], "big")
            if start + length > size:
                break
            if kind >= CLOSE:
                self._control(kind, data[start : start + length])
            position = start + length
        self._rest = data[position:]
        return data.count(mark, 0, position)

    def _control(self, kind: int, payload: bytes) -> None:
        if kind == CLOSE:
            raise ConnectionError(f"The server closed a socket with {int.from_bytes(payload[:2], 'big')}.")
        if kind == PING:
            self.send(_frame(PONG, payload))


class Crowd:
    """Sockets that sit in one room. The first one speaks."""

    def __init__(self, port: int, path: str, sockets: int, headers: Mapping[str, str]) -> None:
        opened = [Socket(port, path, headers) for _ in range(sockets)]
        self._speaker = opened[0]
        self._sockets = {one.fileno(): one for one in opened}
        self._epoll = select.epoll()
        for one in opened:
            self._epoll.register(one.fileno(), select.EPOLLIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._epoll.close()
        for one in self._sockets.values():
            one.close()

    def settle(self) -> None:
        """Wait until the server has said all it has to say to newcomers."""
        while ready := self._epoll.poll(QUIET_SECONDS):
            for number, _ in ready:
                self._sockets[number].read(b"#")

    def speak(self, command: Callable[[str, int], object], *, messages: int, outstanding: int, size: int) -> Round:
        """Send `messages`, of which at most `outstanding` have not come back to the speaker yet.

        `command` makes what is sent of a text of `size` bytes and its number.
        """
        mark = f"#{next(_rounds):06}#"
        numbers = itertools.islice(_numbers, messages)
        commands = [command(f"{mark}{number:08}".ljust(size, "x"), number) for number in numbers]
        frames = iter([_frame(TEXT, json.dumps(made).encode()) for made in commands])
        expected = messages * len(self._sockets)
        deliveries = 0
        began, cpu = time.perf_counter(), time.process_time()
        self._send(frames, outstanding)
        while deliveries < expected and (ready := self._epoll.poll(PATIENCE_SECONDS)):
            for number, _ in ready:
                one = self._sockets[number]
                arrived = one.read(mark.encode())
                deliveries += arrived
                if one is self._speaker:
                    self._send(frames, arrived)
        seconds = time.perf_counter() - began
        return Round(messages, deliveries, expected - deliveries, seconds, time.process_time() - cpu)

    def _send(self, frames: Iterator[bytes], number: int) -> None:
        for frame in itertools.islice(frames, number):
            self._speaker.send(frame)


def _frame(kind: int, payload: bytes) -> bytes:
    """One masked frame; the mask is zero, which is allowed and leaves the payload as it is."""
    size = len(payload)
    length = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
    return bytes([0x80 | kind]) + length + bytes(4) + payload
