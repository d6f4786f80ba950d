"""Sends the e-mails about missed messages beside the pushes, so that a slow mail server does not delay the pushes."""

import asyncio
import logging
import time

from chat import metrics
from chat.live import db
from chat.live.notification_lease import NotificationLease
from chat.protocol.errors import ChatError
from chat.services import missed_mail

logger = logging.getLogger(__name__)

# Seconds between two looks for due e-mails.
LOOK_SECONDS = 30.0
# Seconds before retrying an e-mail that its mailbox did not take: it is full, or uses greylisting.
WAIT_SECONDS = 900.0
# Seconds for which a stopping process waits for the current e-mail.
END_SECONDS = 5.0


class MissedMailing:
    """Sends e-mails in the process that holds the lease."""

    def __init__(self, lease: NotificationLease) -> None:
        self._lease = lease
        self._looked_at = float("-inf")
        self._current: asyncio.Task[None] | None = None
        self._ending = False
        # User id -> when to try again.
        self._waiting: dict[int, float] = {}

    def look(self) -> None:
        """Start to send the due e-mails, at most every LOOK_SECONDS and unless some are being sent."""
        if (self._current and not self._current.done()) or time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        self._current = asyncio.create_task(self._send_logged())

    async def send(self) -> None:
        """Send the due e-mails, one after the other."""
        now = time.monotonic()
        self._waiting = {user_id: until for user_id, until in self._waiting.items() if until > now}
        while mails := await db.run(missed_mail.mails_due, without=list(self._waiting)):
            for missed in mails:
                if self._ending or not await self._lease.keep():
                    return
                # A mail server may be slow: do not use a database thread.
                outcome = await asyncio.to_thread(missed_mail.mail_send, missed)
                await db.run(missed_mail.mail_record, missed, outcome)
                metrics.MAILS.labels(outcome).inc()
                if outcome == "waits":
                    # Only this mailbox waits: go on with the others.
                    self._waiting[missed.user_id] = time.monotonic() + WAIT_SECONDS
                if outcome == "later":
                    # The mail server does not answer: the others wait too.
                    return

    async def _send_logged(self) -> None:
        try:
            await self.send()
        except ChatError as error:
            logger.warning("E-mails of missed messages wait for the database: %s", error.code)
        except Exception:
            logger.exception("E-mails of missed messages could not be sent; it is tried again.")

    async def end(self) -> None:
        """Wait for the current e-mail, and send no more."""
        self._ending = True
        if self._current:
            await asyncio.wait([self._current], timeout=END_SECONDS)
