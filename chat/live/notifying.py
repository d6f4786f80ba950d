"""Notifies users who are away: one process of the cluster, under a lease, reads the new messages, and sends pushes and
e-mails.

It reads the rooms' numbers when any process has published something, and otherwise every 5 s, since a hint from another
process may be lost. 8 s after a number was first seen it decides about the messages up to it, and skips those read by
then. A process that ends loses nothing: the next one continues from the cursors and the queue.
"""

import asyncio
import logging
import time
from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from chat import metrics
from chat.lib import waits
from chat.live import db
from chat.live.cluster import ClusterBus
from chat.live.database_watch import DatabaseWatch
from chat.live.missed_mailing import MissedMailing
from chat.live.notification_lease import NotificationLease
from chat.live.push_sender import PushSender
from chat.protocol.errors import ChatError
from chat.services import notification_decisions as decisions
from chat.services import notification_work as work
from chat.services import push_queue
from chat.services.members import mutes_end
from chat.services.notification_closing import calls_forget, read_close
from chat.services.notification_look import work_look
from chat.services.notification_work import Heads
from chat.services.push_subscriptions import subscriptions_clean
from chat.services.reminders import reminders_send

logger = logging.getLogger(__name__)

# Seconds in which a user's open pages may read a message before a notification is sent.
PATIENCE_SECONDS = 8.0
TICK_SECONDS = 1.0
# Seconds between two looks without a hint.
LOOK_SECONDS = 5.0
# Seconds after which a sending turn does the rest of its work: a queue may last for an hour.
SEND_SECONDS = 5.0
CLEAN_SECONDS = 600.0
# Seconds between two looks for expired mutes; in every process, since they need no device.
MUTES_SECONDS = 20.0
STIRRED = "notifications.stirred"


class Patience:
    """Remembers when the numbers of rooms were first seen. No I/O, the clock is passed in (seconds)."""

    def __init__(self) -> None:
        self._seen: dict[int, list[tuple[float, int, int]]] = {}

    def see(self, heads: Heads, now: float) -> None:
        """Note the numbers of the rooms with something new, and forget all other rooms."""
        self._seen = {room_id: self._seen.get(room_id, []) for room_id in heads}
        for room_id, (seq, rev) in heads.items():
            seen = self._seen[room_id]
            if not seen or seen[-1][1:] != (seq, rev):
                seen.append((now, seq, rev))

    @property
    def waits(self) -> bool:
        """Whether anything is undecided."""
        return any(self._seen.values())

    def ripe(self, now: float) -> Heads:
        """Return the numbers first seen at least PATIENCE_SECONDS ago."""
        found = Heads()
        for room_id, seen in self._seen.items():
            for at, seq, rev in seen:
                if at <= now - PATIENCE_SECONDS:
                    found[room_id] = (seq, rev)
        return found

    def forget(self) -> None:
        """Forget everything: another process holds the lease."""
        self._seen = {}

    def decided(self, heads: Heads) -> None:
        """Forget what was decided."""
        for room_id, (_, rev) in heads.items():
            if room_id in self._seen:
                self._seen[room_id] = [one for one in self._seen[room_id] if one[2] > rev]


class Notifying:
    """The work of one process: asks for the lease, and while it has it, decides and sends."""

    def __init__(self, process_id: UUID, bus: ClusterBus | None = None, watch: DatabaseWatch | None = None) -> None:
        self._lease = NotificationLease(process_id, watch=watch)
        self._bus = bus
        self._patience = Patience()
        self._sender: PushSender | None = None
        # Sent while the database was unavailable: recorded first when it is back, or they would be sent again.
        self._unrecorded: list[push_queue.Outcome] = []
        self._mailing = MissedMailing(self._lease)
        self._stirred = False
        # Set with `_stirred`.
        self._roused = asyncio.Event()
        self._looked_at = self._cleaned_at = self._mutes_ended_at = float("-inf")
        # Whether the queue was left after SEND_SECONDS.
        self._more = False
        # Seconds that the database calls of the last turn took.
        self._took = 0.0
        self._current: asyncio.Future[None] | None = None
        self._ending = False
        if bus:
            bus.on(STIRRED, self._heard)

    def stir(self, **_: object) -> None:
        """Something was posted, changed or read: look at it in the next turn."""
        self._stirred = True
        self._roused.set()

    def _heard(self, _: object) -> None:
        # Only in the process with the lease: the others would pass the hint to each other endlessly.
        if self._lease.held:
            self.stir()

    def device_added(self, **_: object) -> None:
        """A device was registered, or needs a test push."""
        self.stir()
        self._lease.ask_soon()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                # A turn finishes the pushes it has started even when the process is stopped: `end` waits for it.
                self._current = asyncio.ensure_future(self._turn())
                await asyncio.shield(self._current)
            except ChatError as error:
                logger.warning("Notifications wait for the database: %s", error.code)
                self._stirred = True
            except Exception:
                logger.exception("Notifying failed; it is tried again.")
                self._stirred = True
            # Query a slow database less often: at most a tenth of the time, but before the lease ends.
            least = min(max(0.0 if self._more else TICK_SECONDS, self._took * 9), LOOK_SECONDS)
            await waits.rest(self._roused, least, LOOK_SECONDS if self._quiet else 0.0)

    @property
    def _quiet(self) -> bool:
        """Whether the next turn has nothing to do unless a hint arrives, or a look is due."""
        sending = self._more or self._unrecorded or (self._sender and self._sender.busy)
        return not (self._stirred or sending or self._patience.waits)

    async def _turn(self) -> None:
        began, self._took = time.monotonic(), 0.0
        self._roused.clear()
        more, self._more = self._more, False
        if self._bus and began - self._mutes_ended_at > MUTES_SECONDS:
            self._mutes_ended_at = began
            await db.run(mutes_end)
        had = self._lease.held
        await self._record([])
        if not await self._lease.keep():
            self._patience.forget()
            await self._hand_on()
            return
        if not had:
            # Messages posted before this process began have waited already.
            await self._decide(await db.run(work.new_heads), by_time=True)
            self._stirred = True
        look = self._stirred or began - self._looked_at >= LOOK_SECONDS
        queued = False
        if look:
            self._stirred, self._looked_at = False, began
            queued = await self._look()
        ripe = self._patience.ripe(time.monotonic())
        await self._decide(ripe)
        self._took = time.monotonic() - began
        if queued or ripe or more or (self._sender and self._sender.busy):
            await self._send()
        self._mailing.look()
        if time.monotonic() - self._cleaned_at > CLEAN_SECONDS:
            self._cleaned_at = time.monotonic()
            await _clean()

    async def _look(self) -> bool:
        """Read what is new, close what was read and send reminders; returns whether pushes are due."""
        found = await db.run(work_look)
        self._patience.see(found.heads, time.monotonic())
        if found.over:
            await self._close_read()
        if found.reminders:
            await self._remind()
        # Both queue pushes.
        return found.pushes or found.over or found.reminders

    async def _hand_on(self) -> None:
        """Pass the hint on: the process with the lease does not see what this one publishes."""
        if self._stirred and self._bus and self._lease.wanted:
            self._bus.notify(STIRRED)
        self._stirred = False
        if self._sender and self._sender.busy:
            await self._record(await self._sender.send([]))

    async def _decide(self, heads: Heads, *, by_time: bool = False) -> None:
        before = timezone.now() - timedelta(seconds=PATIENCE_SECONDS) if by_time else None
        rooms = sorted(heads)
        for start in range(0, len(rooms), decisions.ROOMS_STEP):
            step = Heads({room_id: heads[room_id] for room_id in rooms[start : start + decisions.ROOMS_STEP]})
            while step and await self._lease.keep():
                more = await db.run(decisions.heads_decide, step, process_id=self._lease.process_id, before=before)
                if more is None:
                    self._lease.lose()
                    return
                self._patience.decided(Heads({room_id: step[room_id] for room_id in step.keys() - more}))
                step = Heads({room_id: step[room_id] for room_id in more})

    async def _close_read(self) -> None:
        withdrawn = await db.run(read_close, process_id=self._lease.process_id)
        metrics.PUSHES_WITHDRAWN.labels("read").inc(withdrawn)

    async def _remind(self) -> None:
        sent = 1
        while sent and await self._lease.keep():
            sent = await db.run(reminders_send, process_id=self._lease.process_id)

    async def _send(self) -> None:
        sender = self._sender = self._sender or PushSender()
        until, self._more = time.monotonic() + SEND_SECONDS, False
        while not self._ending and await self._lease.keep():
            outcomes = tuple(self._unrecorded)
            places, busy, on_way = sender.places, sender.busy, sender.on_way
            pushes = await db.run(push_queue.pushes_due, limit=places, but=busy, on_way=on_way, outcomes=outcomes)
            self._unrecorded.clear()
            sent = await sender.send(pushes)
            self._unrecorded += sent
            if not pushes and not sent:
                # The slow pushes are checked again in the next turn.
                break
            self._more = time.monotonic() > until
            if self._more:
                break
        await self._record([])

    async def _record(self, outcomes: list[push_queue.Outcome]) -> None:
        self._unrecorded += outcomes
        if self._unrecorded:
            await db.run(push_queue.outcomes_record, tuple(self._unrecorded))
            self._unrecorded.clear()

    async def end(self) -> None:
        """Record what is being sent, and release the lease."""
        self._ending = True
        if self._current:
            await asyncio.wait([self._current])
        await self._mailing.end()
        try:
            await self._record(await self._sender.send([], seconds=None) if self._sender else [])
        finally:
            if self._sender:
                await self._sender.close()
            await self._lease.leave()


async def _clean() -> None:
    await db.run(subscriptions_clean)
    await db.run(calls_forget, before=timezone.now() - 2 * decisions.OLD)


async def notify_once(*, patience: float = PATIENCE_SECONDS) -> bool:
    """Decide about all messages so far, send what is due, and end. Returns False when a server already does this."""
    own = Notifying(uuid4())
    if not await own._lease.keep():
        return not own._lease.wanted
    try:
        heads = await db.run(work.new_heads)
        if heads:
            # An open page reads what it receives in this time.
            await asyncio.sleep(patience)
        await own._decide(heads)
        await own._close_read()
        await own._remind()
        await own._send()
        while own._more:
            await own._send()
        await own._mailing.send()
        await _clean()
    finally:
        await own.end()
    return True
