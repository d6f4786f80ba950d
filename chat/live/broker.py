"""This process' line to the others: one channel of the channel layer, a member of one group a room.

Guaranteed: nothing. What is sent may be lost, doubled, or come out of order, and the layer may be gone for
an hour; nobody here ever waits for it. The hub heals by number what the line loses. All the broker adds is
that it knows whether the line works, by a heartbeat through the layer to itself.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from channels.layers import channel_layers, get_channel_layer

from chat import metrics

logger = logging.getLogger(__name__)

Message = dict[str, Any]

HEARTBEAT_SECONDS = 1.0
# A heartbeat that took longer means that hints do not arrive either.
HEARTBEAT_LATE_SECONDS = 3.0
CALL_TIMEOUT_SECONDS = 2.0
# After this long without a heartbeat the layer is built anew: its receiver may have died (channels_redis
# never restarts one that met a TimeoutError), or its connection may be half open.
REBUILD_SECONDS = 8.0
# Hints that wait for a slow layer; older ones are let go, their numbers bring them back.
OUTGOING_MAX = 4096
# Hints that waited for the one before them travel together; at most so many, to keep a message in bounds.
BUNDLE_HINTS = 64
# Groups joined or left within one CALL_TIMEOUT_SECONDS.
GROUPS_AT_ONCE = 100
# The group of all processes.
EVERYBODY = "chat.everybody"


class Broker:
    def __init__(self) -> None:
        self._on_message: Callable[[Message], object] = _drop
        self._on_listening: Callable[[list[str]], object] = _drop
        self._layer = get_channel_layer()
        self._channel = ""
        self._joined: set[str] = set()
        # Groups to be joined (True) or left.
        self._unsettled = {EVERYBODY: True}
        self._outgoing: deque[tuple[str, Message]] = deque(maxlen=OUTGOING_MAX)
        self._work = asyncio.Event()
        self._heard_at = 0.0
        # When it last failed, until it is well again.
        self._failed_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def well(self) -> bool:
        """Hints arrive, as far as anybody can know."""
        return time.monotonic() - self._heard_at < HEARTBEAT_LATE_SECONDS

    def start(self, on_message: Callable[[Message], object], on_listening: Callable[[list[str]], object]) -> None:
        """`on_message` gets what other processes sent; `on_listening` the groups whose hints arrive from now on."""
        self._on_message = on_message
        self._on_listening = on_listening
        self._heard_at = time.monotonic()
        metrics.LAYER_WELL.set_function(lambda: self.well)
        self._tasks = [asyncio.create_task(self._keep(step)) for step in (self._receive, self._write, self._beat)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        # Leaving a group may wait for a layer that is gone.
        await asyncio.wait(self._tasks, timeout=CALL_TIMEOUT_SECONDS)

    def listen(self, group: str) -> None:
        """Join `group`, soon."""
        self._unsettled[group] = True
        self._work.set()

    def unlisten(self, group: str) -> None:
        self._unsettled[group] = False
        self._work.set()

    def send(self, group: str, message: Message) -> None:
        """Hint the other processes in `group`. Only texts, numbers and lists of them survive."""
        self._outgoing.append((group, message))
        self._work.set()

    async def _keep(self, step: Callable[[], Any]) -> None:
        """Run `step` for ever; trouble with the layer is normal, is logged once, and passes."""
        while True:
            try:
                await step()
            except Exception as error:
                self._fails(str(error) or type(error).__name__)
                await asyncio.sleep(HEARTBEAT_SECONDS / 2)

    async def _receive(self) -> None:
        if not self._channel:
            await self._open()
        message = await self._layer.receive(self._channel)
        match message["type"]:
            case "relay.heartbeat":
                self._heard_at = time.monotonic()
                self._recovers()
            case "relay.bundle":
                for hint in message["hints"]:
                    self._hear(hint)
            case _:
                self._hear(message)

    def _hear(self, hint: Message) -> None:
        """One that fails here, of a newer process perhaps, is no trouble of the layer, nor of those beside it."""
        try:
            self._on_message(hint)
        except Exception:
            logger.exception("A hint could not be taken in: %s", hint.get("type"))

    def _fails(self, reason: str) -> None:
        if not self._failed_at:
            logger.warning("The channel layer does not answer (%s); healing from the database.", reason)
        self._failed_at = time.monotonic()

    def _recovers(self) -> None:
        # One that refuses hints, and passes heartbeats, is not well.
        if self._failed_at and self._heard_at - self._failed_at > HEARTBEAT_LATE_SECONDS:
            self._failed_at = 0.0
            logger.warning("The channel layer answers again.")

    async def _write(self) -> None:
        await self._work.wait()
        self._work.clear()
        if not self._channel:
            return
        await self._regroup()
        while self._outgoing:
            hints = [self._outgoing.popleft() for _ in range(min(len(self._outgoing), BUNDLE_HINTS))]
            try:
                await asyncio.wait_for(self._layer.group_send(*_together(hints)), CALL_TIMEOUT_SECONDS)
            except Exception:
                # Whatever waits is as good as lost: by the time the layer is back, its readers have healed.
                lost = len(hints) + len(self._outgoing)
                metrics.HINTS_LOST.inc(lost)
                logger.info("hints lost", extra={"hints": lost})
                self._outgoing.clear()
                raise

    async def _regroup(self) -> None:
        """Bring the groups we are in to those we want to be in."""
        fresh: list[str] = []
        unsettled = iter(sorted(self._unsettled))
        try:
            while step := list(islice(unsettled, GROUPS_AT_ONCE)):
                # One timer for all of them: one each would keep 0.5 KB a group until it had run out.
                async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                    for group in step:
                        await self._settle(group, fresh)
        finally:
            if not self._unsettled:
                # A dictionary that has held ten thousand groups keeps the memory of their places.
                self._unsettled = {}
            if fresh:
                self._on_listening(fresh)

    async def _settle(self, group: str, fresh: list[str]) -> None:
        wanted = self._unsettled.get(group)
        if wanted and group not in self._joined:
            await self._layer.group_add(group, self._channel)
            self._joined.add(group)
            fresh.append(group)
        elif group in self._joined and not wanted:
            self._joined.discard(group)
            await self._layer.group_discard(group, self._channel)
        # It may have been wanted, or not any more, in the meantime.
        if self._unsettled.get(group) is wanted:
            self._unsettled.pop(group, None)

    async def _beat(self) -> None:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        silent = time.monotonic() - self._heard_at
        if silent > REBUILD_SECONDS:
            await self._rebuild()
        if self._channel:
            if self._unsettled:
                self._work.set()
            beat = self._layer.send(self._channel, {"type": "relay.heartbeat"})
            await asyncio.wait_for(beat, CALL_TIMEOUT_SECONDS)

    async def _open(self) -> None:
        self._channel = await asyncio.wait_for(self._layer.new_channel("hub."), CALL_TIMEOUT_SECONDS)
        self._work.set()

    async def _rebuild(self) -> None:
        self._fails(f"nothing came through it for {REBUILD_SECONDS:.0f} s")
        old, self._layer = self._layer, channel_layers.make_backend("default")
        self._channel = ""
        self._unsettled = dict.fromkeys(self._joined, True) | self._unsettled
        self._joined = set()
        self._heard_at = time.monotonic() - HEARTBEAT_LATE_SECONDS
        receiving = self._tasks[0]
        receiving.cancel()
        self._tasks[0] = asyncio.create_task(self._keep(self._receive))
        await asyncio.wait_for(old.flush(), CALL_TIMEOUT_SECONDS)


def _drop(_received: object) -> None:
    """Before `start` nothing is received."""


def _together(hints: list[tuple[str, Message]]) -> tuple[str, Message]:
    """One message of several hints. Of different groups it goes to everybody: a process lets be what is of rooms that
    it does not hold, and a message for each would cost a round trip each, and a wake-up each wherever it is heard."""
    if len(hints) == 1:
        return hints[0]
    groups = {group for group, _ in hints}
    group = groups.pop() if len(groups) == 1 else EVERYBODY
    return group, {"type": "relay.bundle", "hints": [hint for _, hint in hints]}
