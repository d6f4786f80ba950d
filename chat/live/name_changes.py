"""Changed names, sent to the users who share a room with the renamed user, and to that user's own sockets.

The database lists recently changed names, whether a page, the admin or a command changed them. A notification makes the
delivery prompt; a query every second makes it certain, as long as anything is being committed.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chat.live import db
from chat.live.cluster import ClusterBus
from chat.live.database_watch import DatabaseWatch
from chat.live.rooms import LocalRooms
from chat.live.socket import Socket
from chat.live.user_sockets import UserSockets
from chat.protocol.errors import ChatError
from chat.queries.people import Named, people_named

logger = logging.getLogger(__name__)

# Seconds between two queries without a notification.
POLL_SECONDS = 1.0
# Minimum seconds between two queries.
GATHER_SECONDS = 0.2
# How long a change counts as recent: commits take time, and clocks of machines differ.
RECENT = timedelta(seconds=30)


class NameChanges:
    """Finds changed names and sends them."""

    def __init__(self, bus: ClusterBus, user_sockets: UserSockets, rooms: LocalRooms, watch: DatabaseWatch) -> None:
        self._bus = bus
        self._watch = watch
        self._user_sockets = user_sockets
        self._rooms = rooms
        # The recent changes already sent: user id -> time of the change.
        self._sent: dict[int, datetime] = {}
        self._stale = asyncio.Event()
        # Set when `_stale` is, or when anything was committed.
        self._roused = watch.changes()
        bus.on("names.changed", lambda _sent: self._rouse())

    def changed(self, **_: Any) -> None:
        """A name has changed: make every process query for it soon."""
        self._rouse()
        self._bus.notify("names.changed")

    def _rouse(self) -> None:
        self._stale.set()
        self._roused.set()

    async def run(self) -> None:
        """Send changed names until cancelled."""
        looked_at = None
        while True:
            self._roused.clear()
            number = self._watch.number
            try:
                if number != looked_at or self._stale.is_set():
                    await self.look()
                    looked_at = number
            except ChatError:
                pass  # The reconciler logs that the database does not answer.
            except Exception:
                logger.exception("Reading the changed names failed; it is retried.")
            await asyncio.sleep(GATHER_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS - GATHER_SECONDS):
                    await self._stale.wait()
            if looked_at == number:
                await self._roused.wait()

    async def look(self) -> None:
        """Send the recent changes that were not sent yet."""
        self._stale.clear()
        found = await db.run(people_named, timezone.now() - RECENT, self._sent)
        for named in found.fresh:
            text = named.event.encode()
            for socket in self._audience(named):
                socket.queue.offer(text)
        self._sent = found.all

    def _audience(self, named: Named) -> Iterable[Socket]:
        """Return the sockets here that hold a room of the user, and the user's own."""
        sockets = dict.fromkeys(self._user_sockets.sockets(named.event.user_id))
        for room_id in named.room_ids:
            if room := self._rooms.get(room_id):
                sockets |= dict.fromkeys(room.sockets)
        return sockets
