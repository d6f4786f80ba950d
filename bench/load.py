"""The load: many sockets, some of which send, and all of which are counted.

It decodes no JSON. Every message of a round contains the mark of the round, whose arrivals on the sockets are counted.
A plain epoll loop, without an event-loop library. Its share of a core is reported with each figure.
"""

import itertools
import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from bench.client import Address, Socket

QUIET_SECONDS = 0.3
# Concurrent handshakes: fewer than a server's backlog.
HANDSHAKES = 32
OPEN_SECONDS = 30.0
# Seconds without a delivery after which the rest counts as lost.
PATIENCE_SECONDS = 5.0
# Size of each text, in bytes.
SIZE = 100
NUMBER_DIGITS = 8

# Makes a frame from a text and a client_id.
Say = Callable[[str, str], bytes]


@dataclass(frozen=True)
class Round:
    """The results of one round of messages."""

    messages: int
    deliveries: int
    lost: int
    acknowledged: int
    seconds: float
    load_cpu_seconds: float

    @property
    def load_share(self) -> float:
        """The share of its core that the load used: near 1, the load itself was measured."""
        return self.load_cpu_seconds / self.seconds


class Crowd:
    """Sockets that are read all the time. The first ones send."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._order: list[Socket] = []
        self._sockets: dict[int, Socket] = {}
        self._epoll = select.epoll()
        self._opening = 0
        try:
            for address in addresses:
                self._add(Socket(address))
                self._read(0)
                while self._opening >= HANDSHAKES:
                    self._await_handshake()
            while self._opening:
                self._await_handshake()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all sockets."""
        self._epoll.close()
        for one in self._order:
            one.close()

    def settle(self) -> None:
        """Wait until every socket has its greeting."""
        while not all(one.welcome for one in self._order):
            if not self._read(OPEN_SECONDS):
                outside = sum(not one.welcome for one in self._order)
                raise ConnectionError(f"The server did not accept {outside} of {len(self._order)} sockets.")
        while self._read(QUIET_SECONDS):
            pass

    def listen(self, seconds: float, *, awake: bool = False) -> None:
        """Read and answer pings for this number of seconds.

        `awake`: without sleeping. Where the load sleeps, the kernel wakes its core in the time of the server whose ping
        ends the sleep.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._read(0 if awake else left)

    def speak(
        self, say: Say, *, messages: int, outstanding: int, speakers: int = 1, rotate: bool = False, acks: bool = False
    ) -> Round:
        """Send `messages`; of each speaker at most `outstanding` have not come back yet.

        Each speaker sends alone in its room; with `rotate` they take turns, and share the `outstanding`. `acks`: also
        wait until each message is acknowledged.
        """
        marks = _Marks()
        seen, noted = marks.text.encode(), marks.client_id.encode()
        frames = iter([say(*marks.message(number)) for number in range(messages)])
        talking = {one.fileno() for one in self._order[:speakers]}
        turns = itertools.cycle(self._order[:speakers])
        # Each socket receives one speaker's messages.
        expected = messages * len(self._order) // speakers
        deliveries = echoed = 0
        began, cpu = time.perf_counter(), time.process_time()
        for one in itertools.islice(turns, outstanding if rotate else outstanding * speakers):
            _send(one, frames)
        # A speaker receives each client_id twice: in its message, and in the acknowledgement.
        while (deliveries < expected or (acks and echoed < 2 * messages)) and (ready := self._poll(PATIENCE_SECONDS)):
            for number in ready:
                data = self._sockets[number].read()
                deliveries += (arrived := data.count(seen))
                if number not in talking:
                    continue
                echoed += data.count(noted)
                for one in itertools.islice(turns, arrived) if rotate else [self._sockets[number]] * arrived:
                    _send(one, frames)
        seconds = time.perf_counter() - began
        return Round(
            messages=messages,
            deliveries=deliveries,
            lost=expected - deliveries,
            acknowledged=max(echoed - messages, 0),
            seconds=seconds,
            load_cpu_seconds=time.process_time() - cpu,
        )

    def speak_steadily(self, say: Say, *, messages: int, per_second: float) -> list[float]:
        """Send messages at a fixed rate, whatever comes back; returns the delay of each delivery in seconds.

        Delays count from the time the message was due, so that a server that blocks its sender does not look fast
        (coordinated omission).
        """
        marks = _Marks()
        seen = marks.text.encode()
        frames = iter([say(*marks.message(number)) for number in range(messages)])
        expected = messages * len(self._order)
        delays: list[float] = []
        began = received = time.perf_counter()
        sent = 0
        while len(delays) < expected and (sent < messages or time.perf_counter() - received < PATIENCE_SECONDS):
            until_due = began + sent / per_second - time.perf_counter()
            if sent < messages and until_due <= 0:
                _send(self._order[0], frames)
                sent += 1
                continue
            for number in self._poll(until_due if sent < messages else PATIENCE_SECONDS):
                data = self._sockets[number].read()
                received = time.perf_counter()
                place = data.find(seen)
                while place >= 0:
                    place += len(seen)
                    delays.append(received - began - int(data[place : place + NUMBER_DIGITS]) / per_second)
                    place = data.find(seen, place)
        return delays

    def _add(self, one: Socket) -> None:
        self._order.append(one)
        self._sockets[one.fileno()] = one
        self._epoll.register(one.fileno(), select.EPOLLIN)
        self._opening += 1

    def _await_handshake(self) -> None:
        if not self._read(OPEN_SECONDS):
            raise ConnectionError(f"The server leaves {self._opening} handshakes without an answer.")

    def _poll(self, seconds: float) -> list[int]:
        return [number for number, _ in self._epoll.poll(seconds)]

    def _read(self, seconds: float) -> bool:
        """Read what has arrived, waiting for it at most this number of seconds."""
        ready = self._poll(seconds)
        for number in ready:
            one = self._sockets[number]
            opening = not one.open
            one.read()
            self._opening -= opening and one.open
        return bool(ready)


class _Marks:
    """The marks by which the messages of one round are recognised, in their text and in their client_id.

    Each mark is unique: messages that arrive late, or again as history, do not count for another round.
    """

    _rounds = itertools.count(1)

    def __init__(self) -> None:
        number = next(self._rounds)
        self.text, self.client_id = f"#{number:06}#", f"@{number:06}@"

    def message(self, number: int) -> tuple[str, str]:
        """The next text and client_id."""
        digits = f"{number:0{NUMBER_DIGITS}}"
        return f"{self.text}{digits}".ljust(SIZE, "x"), f"{self.client_id}{digits}"


def _send(one: Socket, payloads: Iterator[bytes]) -> None:
    """Send the next message, if there is one."""
    for payload in itertools.islice(payloads, 1):
        one.say(payload)
