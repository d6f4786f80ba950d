"""Posts scheduled messages when they are due: one process of the cluster, under a lease, while one is due soon."""

import logging
from uuid import UUID

from chat.lib import waits
from chat.live import db
from chat.live.group_commit import MessageWriter
from chat.live.notification_lease import WAIT_SECONDS, NotificationLease
from chat.models import Participant
from chat.protocol.errors import ChatError, Code
from chat.services import scheduling
from chat.services.notification_work import SCHEDULED
from chat.services.posting import Posted

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0


class ScheduledSending:
    """Asks for the lease, and while this process holds it, posts the due messages."""

    def __init__(self, process_id: UUID, writer: MessageWriter) -> None:
        self._lease = NotificationLease(process_id, scheduling.schedules_soon, SCHEDULED)
        self._writer = writer

    async def run(self) -> None:
        """Work until cancelled."""
        asks_again = True
        while True:
            await (waits.every(TICK_SECONDS) if asks_again else waits.sleep(WAIT_SECONDS))
            asks_again = True
            try:
                await self.turn()
                # Without the lease, `keep` does not ask for it earlier.
                asks_again = self._lease.held
            except ChatError as error:
                logger.warning("Scheduled messages wait for the database: %s", error.code)
            except Exception:
                logger.exception("Posting scheduled messages failed; it is tried again.")

    async def turn(self) -> None:
        """Post the due messages, if this process holds the lease."""
        while await self._lease.keep():
            due = await db.run(scheduling.schedules_pending)
            for schedule in due:
                await self._post(schedule)
            if not due:
                return

    async def send(self, schedule: int, *, user: Participant, socket: str = "") -> Posted:
        """Post this user's scheduled message now, or again after it was refused.

        Raises:
            ChatError: the reason of a refusal, stored with the message.
        """
        posted = await self._post(schedule, user=user, socket=socket)
        assert posted
        return posted

    async def _post(self, schedule: int, *, user: Participant | None = None, socket: str = "") -> Posted | None:
        draft = await db.run(scheduling.schedule_begin, schedule, user=user, socket=socket)
        if draft is None:
            return None
        try:
            posted = await self._writer.post(draft)
        except ChatError as problem:
            # The database failed, not the message: it stays due.
            if problem.code == Code.UNAVAILABLE:
                raise
            await db.run(scheduling.schedule_refuse, schedule, problem)
            if user:
                raise
            return None
        await db.run(scheduling.schedule_end, schedule, seq=posted.seq, socket=socket)
        return posted

    async def end(self) -> None:
        """Release the lease for another process."""
        await self._lease.leave()
