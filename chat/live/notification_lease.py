"""Leases for work that one process of the cluster does, and only while there is work: notifications (needs a device, or
a user who wants e-mails), and scheduled messages."""

import time
from collections.abc import Callable
from uuid import UUID

from chat.live import db
from chat.live.database_watch import DatabaseWatch
from chat.services import notification_work as work

LEASE_SECONDS = 30.0
# Seconds before a process without the lease asks again.
WAIT_SECONDS = 5.0


class NotificationLease:
    """The lease as this process knows it."""

    def __init__(
        self,
        process_id: UUID,
        exists: Callable[[], bool] = work.work_exists,
        place: int = work.NOTIFICATIONS,
        *,
        watch: DatabaseWatch | None = None,
    ) -> None:
        """`exists`: whether there is work; `place`: the row of the lease. `watch`: for work that starts with a commit,
        not at a set time."""
        self.process_id = process_id
        self._exists = exists
        self._place = place
        self.held = False
        # Whether there was work at the last query; without work no process takes the lease.
        self.wanted = False
        self._asked_at = float("-inf")
        self._watch = watch
        # The watch's number before the last query that found no work.
        self._none_at: int | None = None

    async def keep(self) -> bool:
        """Take the lease, or renew it after a third of its time; returns whether this process holds it."""
        now = time.monotonic()
        if now - self._asked_at < (LEASE_SECONDS / 3 if self.held else WAIT_SECONDS):
            return self.held
        number = self._watch.number if self._watch else None
        if number is not None and number == self._none_at:
            self._asked_at = now
            return False
        had, self.held = self.held, False
        self.wanted = await db.run(self._exists)
        self._none_at = None if self.wanted else number
        if self.wanted:
            self.held = await db.run(work.work_take, self.process_id, seconds=LEASE_SECONDS, place=self._place)
        elif had:
            await db.run(work.work_leave, self.process_id, place=self._place)
        self._asked_at = now
        return self.held

    def ask_soon(self) -> None:
        """Query at the next `keep`, because there is work now."""
        if not self.wanted:
            self._asked_at = float("-inf")
            # The watch may not have noticed yet.
            self._none_at = None

    def lose(self) -> None:
        """Note that another process has taken the lease."""
        self.held = False

    async def leave(self) -> None:
        """Release the lease for the next process that asks."""
        if self.held:
            self.held = False
            await db.run(work.work_leave, self.process_id, place=self._place)
