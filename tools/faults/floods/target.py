"""The target of an attack, and what the attack counts."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

# Exceptions of a connection that the other side has ended in any way.
ENDED = (ConnectionClosed, InvalidStatus, OSError, EOFError, asyncio.IncompleteReadError)
# A refused or closed socket reconnects after this time, so that an attack does not consist of refusals alone.
AGAIN_SECONDS = 0.05


@dataclass
class Target:
    """`url`: of the server or of nginx in front. `tokens`: of each person, by name. `size`: the scale of an attack that
    has one, 1.0 in the long form. `count`: the number of events, by a name that the attack chooses."""

    url: str
    tokens: Mapping[str, str]
    room: str
    # The `seq` of a person's message in the room, to which threads and reactions can belong.
    seq: int
    seconds: float
    size: float = 1.0
    count: Counter[str] = field(default_factory=Counter)
    ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends_at = time.monotonic() + self.seconds

    @property
    def facts(self) -> dict[str, object]:
        """Everything that another process needs to make the same target."""
        return {
            "url": self.url,
            "tokens": dict(self.tokens),
            "room": self.room,
            "seq": self.seq,
            "seconds": self.seconds,
            "size": self.size,
        }

    @property
    def running(self) -> bool:
        return time.monotonic() < self.ends_at

    @property
    def left(self) -> float:
        return max(self.ends_at - time.monotonic(), 0.0)

    async def beside(self, number: int, work: Callable[[], Any]) -> None:
        """Call `work` in `number` tasks at a time, again and again until the time is up."""

        async def again() -> None:
            while self.running:
                try:
                    async with asyncio.timeout(self.left):
                        await work()
                except TimeoutError:
                    return
                except ENDED as error:
                    self.ended(error)
                    await asyncio.sleep(AGAIN_SECONDS)

        await asyncio.gather(*(again() for _ in range(number)))

    def ended(self, error: BaseException) -> None:
        """Count how a connection ended: by its close code, its status, or the name of the error."""
        if isinstance(error, ConnectionClosed):
            self.count[f"closed {error.rcvd.code if error.rcvd else 1006}"] += 1
        elif isinstance(error, InvalidStatus):
            self.count[f"refused {error.response.status_code}"] += 1
        else:
            self.count[type(error).__name__] += 1

    @asynccontextmanager
    async def socket(self, name: str, room: str = "", **options: Any) -> AsyncGenerator[ClientConnection]:
        """A socket of the bare library: our own client would stop."""
        path = f"/ws/chat/{room}/" if room else "/ws/chat/"
        headers = {"Authorization": f"Bearer {self.tokens[name]}"}
        url = self.url.replace("http", "ws", 1) + path
        # The attack must fill the buffers of the server, not our own.
        options = {"compression": None, "max_size": None, "ping_interval": None, "close_timeout": 1} | options
        async with connect(url, additional_headers=headers, **options) as socket:
            self.count["sockets"] += 1
            try:
                yield socket
            finally:
                # A close frame would wait behind everything that the server has not read yet.
                socket.transport.abort()

    @asynccontextmanager
    async def tcp(self) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A raw TCP connection."""
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def hear(self, socket: ClientConnection) -> None:
        """Read until the socket ends, and count its errors by their code."""
        with suppress(ConnectionClosed):
            async for frame in socket:
                if '"type":"error"' in str(frame):
                    self.count[json.loads(frame)["code"]] += 1
