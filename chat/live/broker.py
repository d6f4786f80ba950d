"""Notifications between the processes: one channel of the channel layer, in one group for each room held here.

Delivery is at most once, unordered, and may repeat; the layer may be unreachable for an hour, and no caller waits for
it. Streams recover lost events by number from the database. The broker reports whether the layer works by sending
itself a heartbeat through it.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer

from chat import metrics
from chat.lib import waits

logger = logging.getLogger(__name__)

Message = dict[str, Any]

HEARTBEAT_SECONDS = 1.0
# A heartbeat that took longer means that notifications do not arrive either.
HEARTBEAT_LATE_SECONDS = 3.0
CALL_TIMEOUT_SECONDS = 2.0
# After this long without a heartbeat the layer is built again: its receiver may have died (channels_redis never
# restarts one that met a TimeoutError), or its connection may be half open.
REBUILD_SECONDS = 8.0
# Notifications that wait for a slow layer; the oldest are dropped, and their events recovered by number.
OUTGOING_MAX = 4096
# Notifications that queue up while one is being sent go out as one message of at most this number.
BUNDLE_NOTIFICATIONS = 64
# Groups joined or left within one CALL_TIMEOUT_SECONDS.
GROUPS_AT_ONCE = 100
# The group of all processes.
ALL_PROCESSES = "chat.everybody"


class Broker:
    """Sends and receives notifications over the channel layer, without blocking its callers."""

    def __init__(self) -> None:
        self._on_message: Callable[[Message], object] = _drop
        self._on_listening: Callable[[list[str]], object] = _drop
        self._layer = get_channel_layer()
        # A layer in memory reaches no other process: nothing is sent, and no group of a room is joined. The 10,000
        # rooms of one user would take 4 MB in it.
        self._alone = isinstance(self._layer, InMemoryChannelLayer)
        self._channel = ""
        self._joined: set[str] = set()
        # Groups to be joined (True) or left.
        self._unsettled = {ALL_PROCESSES: True}
        self._outgoing: deque[tuple[str, Message]] = deque(maxlen=OUTGOING_MAX)
        self._work = asyncio.Event()
        # `_send_now` is scheduled for this turn of the loop; `_write` is still sending.
        self._sending_soon = self._writing = False
        self._origin = ""
        self._heartbeat_at = 0.0
        # When the layer last failed (time.monotonic); 0.0 once it works again.
        self._failed_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def well(self) -> bool:
        """Whether the last heartbeat arrived less than HEARTBEAT_LATE_SECONDS ago."""
        return time.monotonic() - self._heartbeat_at < HEARTBEAT_LATE_SECONDS

    def start(
        self,
        on_message: Callable[[Message], object],
        on_listening: Callable[[list[str]], object],
        *,
        origin: str = "",
    ) -> None:
        """`on_message` is called with each notification, `on_listening` with the groups joined since its last call.

        Notifications of this `origin` are not received where the layer can drop them.
        """
        self._on_message = on_message
        self._on_listening = on_listening
        self._origin = origin
        self._ignore_own()
        self._heartbeat_at = time.monotonic()
        metrics.LAYER_WELL.set_function(lambda: self.well)
        self._tasks = [asyncio.create_task(self._keep(step)) for step in (self._receive, self._write, self._beat)]

    async def stop(self) -> None:
        """Cancel the tasks, and wait at most CALL_TIMEOUT_SECONDS for them."""
        for task in self._tasks:
            task.cancel()
        # Leaving a group may wait for a layer that is gone.
        await asyncio.wait(self._tasks, timeout=CALL_TIMEOUT_SECONDS)

    def listen(self, group: str) -> None:
        """Join `group`, soon."""
        if not self._alone:
            self._unsettled[group] = True
            self._work.set()

    def unlisten(self, group: str) -> None:
        """Leave `group`, soon."""
        if not self._alone:
            self._unsettled[group] = False
            self._work.set()

    def send(self, group: str, message: Message) -> None:
        """Queue a notification for the processes in `group`. Values are strings, numbers and lists of them."""
        if self._alone:
            return
        self._outgoing.append((group, message))
        if not self._sending_soon:
            self._sending_soon = True
            # Everything sent in this turn of the loop goes out together.
            asyncio.get_running_loop().call_soon(self._send_now)

    async def _keep(self, step: Callable[[], Any]) -> None:
        """Repeat `step` until cancelled. A failure of the layer is logged once, until it works again."""
        while True:
            try:
                await step()
            except Exception as error:
                self._note_failure(str(error) or type(error).__name__)
                await asyncio.sleep(HEARTBEAT_SECONDS / 2)

    async def _receive(self) -> None:
        if not self._channel:
            await self._open()
        message = await self._layer.receive(self._channel)
        match message["type"]:
            case "relay.heartbeat":
                self._heartbeat_at = time.monotonic()
                self._note_recovery()
            case "relay.bundle":
                for notification in message["hints"]:
                    self._receive_one(notification)
            case _:
                self._receive_one(message)

    def _receive_one(self, notification: Message) -> None:
        """Process one notification. An error, perhaps caused by a newer process' fields, is not an error of the layer,
        and does not stop the other notifications of its bundle."""
        try:
            self._on_message(notification)
        except Exception:
            logger.exception("A notification could not be processed: %s", notification.get("type"))

    def _note_failure(self, reason: str) -> None:
        if not self._failed_at:
            logger.warning("The channel layer does not answer (%s); events are recovered from the database.", reason)
        self._failed_at = time.monotonic()

    def _note_recovery(self) -> None:
        # A layer that passes heartbeats but refuses notifications does not work.
        if self._failed_at and self._heartbeat_at - self._failed_at > HEARTBEAT_LATE_SECONDS:
            self._failed_at = 0.0
            logger.warning("The channel layer answers again.")

    def _send_now(self) -> None:
        """Send the queue where the layer can send without a task: a task costs half as much as the message. `_write`
        sends otherwise, and does everything that has to be awaited."""
        self._sending_soon = False
        send = getattr(self._layer, "group_send_now", None)
        if send is None or self._writing or self._unsettled or not self._channel:
            self._work.set()
            return
        while self._outgoing:
            notifications = self._next()
            try:
                sent = send(*_bundle(notifications))
            except Exception as error:
                self._lose(len(notifications))
                self._note_failure(str(error) or type(error).__name__)
                return
            if not sent:
                self._outgoing.extendleft(reversed(notifications))
                self._work.set()
                return

    async def _write(self) -> None:
        await self._work.wait()
        self._work.clear()
        if not self._channel:
            return
        self._writing = True
        try:
            await self._regroup()
            while self._outgoing:
                notifications = self._next()
                try:
                    async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                        await self._layer.group_send(*_bundle(notifications))
                except Exception:
                    self._lose(len(notifications))
                    raise
        finally:
            self._writing = False

    def _next(self) -> list[tuple[str, Message]]:
        """Take the notifications of the next message."""
        return [self._outgoing.popleft() for _ in range(min(len(self._outgoing), BUNDLE_NOTIFICATIONS))]

    def _lose(self, taken: int) -> None:
        """Drop the queue: when the layer is back, the other processes have recovered the events by number."""
        lost = taken + len(self._outgoing)
        metrics.HINTS_LOST.inc(lost)
        logger.info("hints lost", extra={"hints": lost})
        self._outgoing.clear()

    async def _regroup(self) -> None:
        """Join and leave groups until the channel is in the wanted ones."""
        fresh: list[str] = []
        unsettled = iter(sorted(self._unsettled))
        try:
            while step := list(islice(unsettled, GROUPS_AT_ONCE)):
                # One timer for the whole step: one for each group would hold 0.5 KB until it expired.
                async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                    for group in step:
                        await self._settle(group, fresh)
        finally:
            if not self._unsettled:
                # A dictionary that held ten thousand groups does not shrink when emptied.
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
        # `listen` or `unlisten` may have been called during the await.
        if self._unsettled.get(group) is wanted:
            self._unsettled.pop(group, None)

    async def _beat(self) -> None:
        await waits.every(HEARTBEAT_SECONDS)
        silent = time.monotonic() - self._heartbeat_at
        if silent > REBUILD_SECONDS:
            await self._rebuild()
        if self._channel:
            if self._unsettled:
                self._work.set()
            async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                await self._layer.send(self._channel, {"type": "relay.heartbeat"})

    async def _open(self) -> None:
        async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
            self._channel = await self._layer.new_channel("hub.")
        self._work.set()

    def _ignore_own(self) -> None:
        if self._origin and (ignore := getattr(self._layer, "ignore", None)):
            ignore(self._origin)

    async def _rebuild(self) -> None:
        self._note_failure(f"nothing came through it for {REBUILD_SECONDS:.0f} s")
        old, self._layer = self._layer, channel_layers.make_backend("default")
        self._ignore_own()
        self._channel = ""
        self._unsettled = dict.fromkeys(self._joined, True) | self._unsettled
        self._joined = set()
        self._heartbeat_at = time.monotonic() - HEARTBEAT_LATE_SECONDS
        receiving = self._tasks[0]
        receiving.cancel()
        self._tasks[0] = asyncio.create_task(self._keep(self._receive))
        async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
            await old.flush()


def _drop(_received: object) -> None:
    """The callback before `start`, when nothing is received."""


def _bundle(notifications: list[tuple[str, Message]]) -> tuple[str, Message]:
    """Bundle notifications (group, notification) into one. If groups differ, send to all processes: they ignore rooms
    they do not hold, which is cheaper than one round trip, and one wake-up of each receiver, per group."""
    if len(notifications) == 1:
        return notifications[0]
    groups = {group for group, _ in notifications}
    group = groups.pop() if len(groups) == 1 else ALL_PROCESSES
    return group, {"type": "relay.bundle", "hints": [notification for _, notification in notifications]}
