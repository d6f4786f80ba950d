"""Numbered messages between `chatclient`'s own clients, each of which sends, receives and keeps records."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from chatclient import (
    ChatClient,
    ChatError,
    Connected,
    Disconnected,
    Event,
    History,
    JoinedRoom,
    Message,
    Reloaded,
    Timing,
)
from chatclient.events import Ack
from tools.faults.site import PEOPLE, ROOM, Site
from tools.faults.verdict import Held, Told, Verdict, compare, percentile_99

logger = logging.getLogger("faults")

# The protocol's delays spread thousands of clients over half a minute; with shorter ones a fault shows sooner.
TIMING = Timing(first_delay=0.1, longest_delay=1.0, restart_spread=2.0)
# For messages that are still in flight when the traffic stops.
SETTLE_SECONDS = 120.0
# One in this number of a speaker's messages replies in the thread of the speaker's first message.
THREADS_EACH = 3


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message at one client, in seconds of the run's clock; `delay`: since it was submitted; `lag`: after
    the first client that received it."""

    sender: int
    reader: int
    sent_at: float
    delay: float
    lag: float


@dataclass
class Voice:
    """One client: `speaks` or only listens."""

    number: int
    client: ChatClient
    held: Held
    speaks: bool
    closes: list[Disconnected] = field(default_factory=list)
    closed_at: list[float] = field(default_factory=list)
    back_at: list[float] = field(default_factory=list)
    reloads: int = 0
    refusals: list[str] = field(default_factory=list)
    stopped: str = ""
    # The `seq` of its first message: others reply under it.
    root: int | None = None


class Traffic:
    """`async with Traffic(site) as traffic: …` connects all clients and lets them send until `settle`."""

    def __init__(
        self,
        site: Site,
        *,
        voices: int = 8,
        speakers: int = 4,
        interval: float = 0.25,
        url: Callable[[int], str] | None = None,
        timing: Timing = TIMING,
        text: str = "",
    ) -> None:
        """`interval`: seconds between two messages of a speaker. `url`: where each client connects, by its number;
        by default to the site's processes in turn. `text`: the text of every message after its number."""
        self.site = site
        self._interval = interval
        self._text = text
        self._sent: dict[str, tuple[int, float]] = {}
        self._first_heard: dict[str, float] = {}
        self.deliveries: list[Delivery] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._speaking: list[asyncio.Task[None]] = []
        self.voices = [
            self._make(number, number < speakers, (url or site.url)(number), timing) for number in range(voices)
        ]

    async def __aenter__(self) -> Self:
        gate = asyncio.Semaphore(20)

        async def enter(voice: Voice) -> None:
            async with gate:
                await voice.client.__aenter__()
            self._tasks.append(asyncio.create_task(self._listen(voice)))

        await asyncio.gather(*map(enter, self.voices))
        self.speak()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in [*self._tasks, *self._speaking]:
            task.cancel()
        await asyncio.gather(*(voice.client.close() for voice in self.voices))

    def speak(self) -> None:
        self._speaking = [asyncio.create_task(self._speak(voice)) for voice in self.voices if voice.speaks]

    async def until_said(self, more: int) -> None:
        """Let `more` messages be submitted."""
        goal = len(self._sent) + more
        while len(self._sent) < goal:
            await asyncio.sleep(0.005)

    async def settle(self, *, seconds: float = SETTLE_SECONDS) -> Verdict:
        """Stop sending, wait until everything is acknowledged and received by every client, and compare."""
        await self.hush()
        broken: list[str] = []
        try:
            await self.until_complete(seconds=seconds)
        except TimeoutError:
            waiting = sum(voice.client.pending for voice in self.voices)
            broken.append(f"after {seconds:.0f} s {waiting} messages still waited, or somebody still lacked some")
        except ChatError as error:
            broken.append(f"a client stopped: {error}")
        verdict = compare(await asyncio.to_thread(self.site.rows), [voice.held for voice in self.voices])
        verdict.broken += broken
        for voice in self.voices:
            verdict.expect(not voice.refusals, f"{voice.held.name} was refused: {voice.refusals[:3]}")
            verdict.expect(not voice.stopped, f"{voice.held.name} stopped: {voice.stopped}")
        return verdict

    async def hush(self) -> None:
        """Let no client begin another message."""
        for task in self._speaking:
            task.cancel()
        if self._speaking:
            await asyncio.wait(self._speaking)

    async def until_complete(self, *, but: int | None = None, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until everything sent is acknowledged, and every client except `but` has the room's last message."""
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(voice.client.drain() for voice in self.voices))
            rows = await asyncio.to_thread(self.site.rows)
            last = rows[-1].seq if rows else 0
            for voice in self.voices:
                while voice.number != but and last not in voice.held.kept and voice.held.since < last:
                    await asyncio.sleep(0.02)

    @property
    def closes(self) -> list[Disconnected]:
        """Connections that ended, and attempts that failed."""
        return [close for voice in self.voices for close in voice.closes]

    def lag_p99(self, since: float, until: float = float("inf")) -> float:
        """The p99 of the time that messages sent in this period took from their first reader to the others."""
        return percentile_99([one.lag for one in self.deliveries if since <= one.sent_at < until])

    def delay_p99(self, since: float = 0, until: float = float("inf"), *, but: int | None = None) -> float:
        """The p99 of the time that messages sent in this period took from sender to reader, without client `but`."""
        return percentile_99(
            [
                one.delay
                for one in self.deliveries
                if since <= one.sent_at < until and but not in (one.reader, one.sender)
            ]
        )

    def _make(self, number: int, speaks: bool, url: str, timing: Timing) -> Voice:
        name = PEOPLE[number % len(PEOPLE)]
        client = ChatClient(url, room=ROOM, token=self.site.tokens[name], timing=timing)
        return Voice(number, client, Held(f"{name} ({number})"), speaks)

    async def _speak(self, voice: Voice) -> None:
        # Not all clients at the same moment.
        await asyncio.sleep(self._interval * voice.number / len(self.voices))
        due = time.monotonic()
        while True:
            await voice.client.wait_for_place()
            number = len(voice.held.said)
            client_id, text = f"{voice.number}-{number}", f"{voice.number}: {number} {self._text}".rstrip()
            self._sent[client_id] = voice.number, time.monotonic()
            voice.held.said[client_id] = text
            root = voice.root if number % THREADS_EACH == THREADS_EACH - 1 else None
            voice.client.submit(text, client_id=client_id, thread=root).add_done_callback(
                lambda done, client_id=client_id: self._answered(voice, client_id, done)  # type: ignore[misc]
            )
            due += self._interval
            await asyncio.sleep(max(due - time.monotonic(), 0))

    @staticmethod
    def _answered(voice: Voice, client_id: str, done: "asyncio.Future[Event]") -> None:
        if done.cancelled():
            return
        if error := done.exception():
            voice.refusals.append(f"{client_id}: {error}")
        elif isinstance(ack := done.result(), Ack):
            voice.held.acknowledged[client_id] = ack.seq
            voice.root = voice.root or ack.seq

    async def _listen(self, voice: Voice) -> None:
        held = voice.held
        anew = False
        try:
            async for event in voice.client:
                match event:
                    case JoinedRoom() if not held.since:
                        held.since = event.seq
                    case Message() if event.kind == "text" and not event.was_system:
                        self._hear(voice, event)
                    case Disconnected():
                        voice.closes.append(event)
                        voice.closed_at.append(time.monotonic())
                    case Connected() if event.again:
                        voice.back_at.append(time.monotonic())
                    case Reloaded():
                        voice.reloads += 1
                        if anew := event.since_seq == 0:
                            held.kept.clear()
                    case History() if anew:
                        anew = False
                        held.kept = {message.seq: message.text for message in event.messages if message.kind == "text"}
                        held.since = min((message.seq for message in event.messages), default=1) - 1
        except ChatError as error:
            voice.stopped = str(error)

    def _hear(self, voice: Voice, event: Message) -> None:
        delay = None
        # A later state of a message, as of a root whose thread grew, does not count as a delivery.
        if event.seq not in voice.held.kept and event.client_id and (sent := self._sent.get(event.client_id)):
            sender, sent_at = sent
            now = time.monotonic()
            delay = now - sent_at
            lag = now - self._first_heard.setdefault(event.client_id, now)
            self.deliveries.append(Delivery(sender, voice.number, sent_at, delay, lag))
        voice.held.told.append(Told(event.seq, event.rev, event.client_id, event.text, delay))
        voice.held.kept[event.seq] = event.text
