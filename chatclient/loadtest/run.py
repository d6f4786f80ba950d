"""The connections of a load test: each sends its share, and every message is followed to every reader."""

import asyncio
import time
from collections.abc import Callable
from uuid import uuid4

from chatclient.connection import Connection, open_connection
from chatclient.errors import ChatError, NotAChatServer, closed_early
from chatclient.frames import JSONObject, decode
from chatclient.loadtest.plan import Outcome, Plan

# Concurrent handshakes: the test measures messages, not connecting.
_CONNECTING_AT_ONCE = 20


class Reader:
    """One connection of the test: it sends its share and checks everything that arrives."""

    def __init__(self, number: int, run: "Run") -> None:
        self._number = number
        self._run = run
        self._connection: Connection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: dict[str, asyncio.Future[JSONObject]] = {}
        self._highest = 0
        self.seen: set[str] = set()

    async def connect(self) -> None:
        """Open the connection and enter the room."""
        plan, outcome = self._run.plan, self._run.outcome
        began = time.perf_counter()
        try:
            token = plan.tokens[self._number % len(plan.tokens)]
            connection = await open_connection(plan.address, token=token, timing=plan.timing)
            self._connection = connection
            async with asyncio.timeout(plan.timing.open):
                while True:
                    frame = await connection.receive()
                    if frame is None:
                        raise closed_early(plan.address.host, connection.close_code)
                    if any(event["type"] == "joined_room" for event in decode(frame)):
                        break
        except TimeoutError:
            outcome.errors["connect: the room was not joined in time"] += 1
        except ChatError as exc:
            outcome.errors[f"connect: {exc}"] += 1
        else:
            outcome.connect.append(time.perf_counter() - began)
            outcome.connected += 1
            self._reading = asyncio.create_task(self._read(connection))

    @property
    def reading(self) -> bool:
        """Whether the connection is open."""
        return self._reading is not None and not self._reading.done()

    async def send_all(self) -> None:
        """Send all messages of this connection, each after the acknowledgement of the last."""
        for number in range(self._run.plan.messages):
            if not self.reading or not await self._send(f"{self._number}-{number}"):
                return
            if self._run.plan.interval:
                await asyncio.sleep(self._run.plan.interval)

    async def close(self) -> None:
        """Close the connection."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        if self._connection is not None:
            await self._connection.close()

    async def _send(self, name: str) -> bool:
        """Send one message until it is acknowledged. False when this connection cannot send any more."""
        run, outcome = self._run, self._run.outcome
        client_id = f"{run.id}-{name}"
        command: JSONObject = {
            "type": "chat_message",
            "room": run.plan.address.room,
            "message": f"load {client_id} ".ljust(run.plan.size, "·"),
            "client_id": client_id,
        }
        outcome.sent += 1
        assert self._connection is not None
        while True:
            answer = self._answers[client_id] = asyncio.get_running_loop().create_future()
            began = run.sent_at[client_id] = time.perf_counter()
            await self._connection.send(command)
            try:
                async with asyncio.timeout(run.plan.timing.answer):
                    event = await answer
            except TimeoutError:
                outcome.errors["send: no acknowledgement"] += 1
                return False
            if event["type"] == "ack":
                outcome.acknowledge.append(time.perf_counter() - began)
                outcome.acknowledged += 1
                run.acknowledged.add(client_id)
                return True
            if event.get("code") not in ("rate_limited", "unavailable"):
                outcome.errors[f"send: {event.get('code')}: {event.get('message')}"] += 1
                return False
            outcome.waits += 1
            wait = event.get("retry_after")
            await asyncio.sleep(wait if isinstance(wait, int | float) and wait > 0 else 1.0)

    async def _read(self, connection: Connection) -> None:
        try:
            while (frame := await connection.receive()) is not None:
                now = time.perf_counter()
                for event in decode(frame):
                    self._take(event, now)
            self._run.outcome.errors[f"connection closed with code {connection.close_code}"] += 1
        except NotAChatServer as exc:
            self._run.outcome.errors[str(exc)] += 1
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result({"type": "error", "code": "closed", "message": "The connection was closed."})

    def _take(self, event: JSONObject, now: float) -> None:
        client_id = event.get("client_id")
        if not isinstance(client_id, str) or not client_id.startswith(self._run.id):
            return
        if event["type"] == "message" and isinstance(event.get("seq"), int):
            self._check(client_id, event["seq"], now)
        elif event["type"] in ("ack", "error") and (answer := self._answers.pop(client_id, None)) is not None:
            answer.set_result(event)

    def _check(self, client_id: str, seq: int, now: float) -> None:
        outcome = self._run.outcome
        if client_id in self.seen:
            outcome.duplicates += 1
            return
        outcome.order_errors += seq <= self._highest
        self._highest = max(seq, self._highest)
        self.seen.add(client_id)
        outcome.received += 1
        outcome.deliver.append(now - self._run.sent_at[client_id])


class Run:
    """The whole test."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcome = Outcome(plan)
        self.id = f"load{uuid4().hex[:8]}"
        self.sent_at: dict[str, float] = {}
        self.acknowledged: set[str] = set()
        self._readers = [Reader(number, self) for number in range(plan.clients)]

    async def go(self, progress: Callable[[Outcome], None]) -> Outcome:
        """Open all connections, send all messages, then wait for those still on their way."""
        telling = asyncio.create_task(self._tell(progress))
        try:
            await self._connect_all()
            began = time.perf_counter()
            await asyncio.gather(*(reader.send_all() for reader in self._readers if reader.reading))
            await self._wait_for_the_rest()
            self.outcome.seconds = time.perf_counter() - began
            for reader in self._readers:
                if reader.reading:
                    self.outcome.lost += len(self.acknowledged - reader.seen)
        finally:
            telling.cancel()
            await asyncio.gather(*(reader.close() for reader in self._readers))
        progress(self.outcome)
        return self.outcome

    async def _connect_all(self) -> None:
        gate = asyncio.Semaphore(_CONNECTING_AT_ONCE)

        async def connect(reader: Reader) -> None:
            async with gate:
                await reader.connect()

        await asyncio.gather(*(connect(reader) for reader in self._readers))

    async def _wait_for_the_rest(self) -> None:
        """Wait until every reader has every message, or nothing more arrives."""
        last, since = -1, time.perf_counter()
        while any(self.acknowledged - reader.seen for reader in self._readers if reader.reading):
            if self.outcome.received != last:
                last, since = self.outcome.received, time.perf_counter()
            elif time.perf_counter() - since > self.plan.patience:
                return
            await asyncio.sleep(0.02)

    async def _tell(self, progress: Callable[[Outcome], None]) -> None:
        while True:
            progress(self.outcome)
            await asyncio.sleep(0.5)
