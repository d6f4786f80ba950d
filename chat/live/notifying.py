"""Notifies those who are away: one process of the cluster, under a lease, reads what was posted and sends pushes.

A room's numbers are looked at each second; 8 s after they were first seen, its messages are decided, and what has been
read by then is not sent. A process that ends loses nothing: the next one goes on from the cursors and the queue.
"""

import asyncio
import logging
import time
from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from chat import metrics
from chat.live import db
from chat.live.push_sender import PushSender
from chat.protocol.errors import ChatError
from chat.services import notification_decisions as decisions
from chat.services import push_queue
from chat.services.notification_decisions import Heads
from chat.services.push_subscriptions import subscriptions_clean

logger = logging.getLogger(__name__)

# Seconds for which the pages of a person may take a message.
PATIENCE_SECONDS = 8.0
TICK_SECONDS = 1.0
LEASE_SECONDS = 30.0
# Seconds after which a process that has not the work asks again.
WAIT_SECONDS = 5.0
CLEAN_SECONDS = 600.0
# Pushes that are recorded together: of a process that is killed at most this number is sent again.
PUSHES_STEP = 64


class Patience:
    """Remembers when the numbers of rooms were first seen. No I/O, the clock is passed in (seconds)."""

    def __init__(self) -> None:
        self._seen: dict[int, list[tuple[float, int, int]]] = {}

    def see(self, heads: Heads, now: float) -> None:
        """Note the numbers of the rooms that have something new; the others have nothing."""
        self._seen = {room_id: self._seen.get(room_id, []) for room_id in heads}
        for room_id, (seq, rev) in heads.items():
            seen = self._seen[room_id]
            if not seen or seen[-1][1:] != (seq, rev):
                seen.append((now, seq, rev))

    def ripe(self, now: float) -> Heads:
        """What has been there for PATIENCE_SECONDS."""
        found = Heads()
        for room_id, seen in self._seen.items():
            for at, seq, rev in seen:
                if at <= now - PATIENCE_SECONDS:
                    found[room_id] = (seq, rev)
        return found

    def forget(self) -> None:
        """Forget everything: another process has the work."""
        self._seen = {}

    def decided(self, heads: Heads) -> None:
        """Forget what was decided."""
        for room_id, (_, rev) in heads.items():
            if room_id in self._seen:
                self._seen[room_id] = [one for one in self._seen[room_id] if one[2] > rev]


class Notifying:
    """The work of one process: asks for the lease, and while it has it, decides and sends."""

    def __init__(self, process_id: UUID) -> None:
        self._process_id = process_id
        self._patience = Patience()
        self._sender: PushSender | None = None
        self._has_work = False
        self._cleaned_at = 0.0
        self._current: asyncio.Future[None] | None = None
        self._ending = False

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            began = time.monotonic()
            try:
                # A turn ends what it has begun to send, also when the process is stopped: `end` waits for it.
                self._current = asyncio.ensure_future(self._turn())
                await asyncio.shield(self._current)
            except ChatError as error:
                logger.warning("Notifications wait for the database: %s", error.code)
            except Exception:
                logger.exception("Notifying failed; it is tried again.")
            took = time.monotonic() - began
            # A database that is slow at it is asked less often: at most a tenth of the time.
            await asyncio.sleep(max(TICK_SECONDS - took, took * 9, 0.1) if self._has_work else WAIT_SECONDS)

    async def _turn(self) -> None:
        had, self._has_work = self._has_work, False
        self._has_work = await db.run(decisions.work_take, self._process_id, seconds=LEASE_SECONDS)
        if not self._has_work:
            self._patience.forget()
            return
        heads = await db.run(decisions.new_heads)
        if not had:
            # What was posted before this process began has waited already.
            await self._decide(heads, by_time=True)
            heads = await db.run(decisions.new_heads)
        self._patience.see(heads, time.monotonic())
        await self._decide(self._patience.ripe(time.monotonic()))
        metrics.PUSHES_WITHDRAWN.labels("read").inc(await db.run(decisions.read_close, process_id=self._process_id))
        await self._send()
        if time.monotonic() - self._cleaned_at > CLEAN_SECONDS:
            self._cleaned_at = time.monotonic()
            await db.run(subscriptions_clean)

    async def _decide(self, heads: Heads, *, by_time: bool = False) -> None:
        before = timezone.now() - timedelta(seconds=PATIENCE_SECONDS) if by_time else None
        rooms = sorted(heads)
        for start in range(0, len(rooms), decisions.ROOMS_STEP):
            step = Heads({room_id: heads[room_id] for room_id in rooms[start : start + decisions.ROOMS_STEP]})
            more = await db.run(decisions.heads_decide, step, process_id=self._process_id, before=before)
            if more is None:
                self._has_work = False
                return
            self._patience.decided(Heads({room_id: step[room_id] for room_id in step.keys() - more}))

    async def _send(self) -> None:
        while self._has_work and not self._ending:
            pushes = await db.run(push_queue.pushes_due, limit=PUSHES_STEP)
            if not pushes:
                return
            self._sender = self._sender or PushSender()
            await db.run(push_queue.notifications_shown, [push.delivery_id for push in pushes])
            await db.run(push_queue.outcomes_record, await self._sender.send(pushes))
            self._has_work = await db.run(decisions.work_take, self._process_id, seconds=LEASE_SECONDS)

    async def end(self) -> None:
        """Record what is being sent, and give the work to another process."""
        self._ending = True
        if self._current:
            await asyncio.wait([self._current])
        if self._sender:
            await self._sender.close()
        if self._has_work:
            self._has_work = False
            await db.run(decisions.work_leave, self._process_id)


async def notify_once(*, patience: float = PATIENCE_SECONDS) -> bool:
    """Decide what was posted until now, send what is due, and end; False when a server does the work already."""
    own = Notifying(uuid4())
    if not await db.run(decisions.work_take, own._process_id, seconds=LEASE_SECONDS):
        return False
    own._has_work = True
    try:
        heads = await db.run(decisions.new_heads)
        if heads:
            # A page that is open takes what it is sent in this time.
            await asyncio.sleep(patience)
        await db.run(decisions.work_take, own._process_id, seconds=LEASE_SECONDS)
        await own._decide(heads)
        await db.run(decisions.read_close, process_id=own._process_id)
        await own._send()
        await db.run(subscriptions_clean)
    finally:
        await own.end()
    return True
