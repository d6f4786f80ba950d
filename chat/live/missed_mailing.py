"""Sends the e-mails of missed messages beside the pushes, which a slow mail server does not delay."""

import asyncio
import logging
import time

from chat import metrics
from chat.live import db
from chat.live.notification_lease import NotificationLease
from chat.protocol.errors import ChatError
from chat.services import missed_mail

logger = logging.getLogger(__name__)

# Seconds between two looks for e-mails that are due.
LOOK_SECONDS = 30.0
# Seconds after which an e-mail is tried again that its mailbox did not take: full, or a stranger to greylisting.
WAIT_SECONDS = 900.0
# Seconds for which a stopping process waits for the e-mail that it is sending.
END_SECONDS = 5.0


class MissedMailing:
    """The e-mails of the process with the lease."""

    def __init__(self, lease: NotificationLease) -> None:
        self._lease = lease
        self._looked_at = float("-inf")
        self._current: asyncio.Task[None] | None = None
        self._ending = False
        # Person -> when to try again.
        self._waiting: dict[int, float] = {}

    def look(self) -> None:
        """Send what is due, if it is time and nothing is being sent."""
        if (self._current and not self._current.done()) or time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        self._current = asyncio.create_task(self._send_logged())

    async def send(self) -> None:
        """Send what is due, one after the other."""
        now = time.monotonic()
        self._waiting = {user_id: until for user_id, until in self._waiting.items() if until > now}
        while mails := await db.run(missed_mail.mails_due, without=list(self._waiting)):
            for missed in mails:
                if self._ending or not await self._lease.keep():
                    return
                # A mail server may take its time: not in a thread of the database.
                outcome = await asyncio.to_thread(missed_mail.mail_send, missed)
                await db.run(missed_mail.mail_record, missed, outcome)
                metrics.MAILS.labels(outcome).inc()
                if outcome == "waits":
                    # The others do not wait with it.
                    self._waiting[missed.user_id] = time.monotonic() + WAIT_SECONDS
                if outcome == "later":
                    # The mail server is away: the others wait with it.
                    return

    async def _send_logged(self) -> None:
        try:
            await self.send()
        except ChatError as error:
            logger.warning("E-mails of missed messages wait for the database: %s", error.code)
        except Exception:
            logger.exception("E-mails of missed messages could not be sent; it is tried again.")

    async def end(self) -> None:
        """Wait for the e-mail that is being sent, and send no more."""
        self._ending = True
        if self._current:
            await asyncio.wait([self._current], timeout=END_SECONDS)
