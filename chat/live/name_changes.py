"""Changed names, sent to everybody who shares a room with the person, and to the person's own sockets.

The database lists the names that changed lately, by whatever way: the page, the admin, or a command that knows nothing
of sockets. A hint makes that prompt, a look every second makes it certain.
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
from chat.live.rooms import LocalRooms
from chat.live.socket import Socket
from chat.live.user_sockets import UserSockets
from chat.protocol.errors import ChatError
from chat.queries.people import Named, people_named

logger = logging.getLogger(__name__)

# Without a hint, the database is asked this often.
POLL_SECONDS = 1.0
# With hints, at most this often.
GATHER_SECONDS = 0.2
# A name counts as changed for so long: commits take a moment, and the clocks of two machines differ.
RECENT = timedelta(seconds=30)


class NameChanges:
    def __init__(self, bus: ClusterBus, user_sockets: UserSockets, rooms: LocalRooms) -> None:
        self._bus = bus
        self._user_sockets = user_sockets
        self._rooms = rooms
        # The changes that were told and are still recent.
        self._told: dict[int, datetime] = {}
        self._stale = asyncio.Event()
        bus.on("names.changed", lambda _sent: self._stale.set())

    def changed(self, **_: Any) -> None:
        """A name has changed: every process looks whose, soon."""
        self._stale.set()
        self._bus.notify("names.changed")

    async def run(self) -> None:
        """Send what changed, until cancelled."""
        while True:
            try:
                await self.look()
            except ChatError:
                pass  # The sweep says that the database is away.
            except Exception:
                logger.exception("A look at changed names failed; the next one follows.")
            await asyncio.sleep(GATHER_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stale.wait(), POLL_SECONDS - GATHER_SECONDS)

    async def look(self) -> None:
        """Send the changes of the last moments that were not sent before."""
        self._stale.clear()
        found = await db.run(people_named, timezone.now() - RECENT, self._told)
        for named in found.fresh:
            text = named.event.encode()
            for socket in self._near(named):
                socket.queue.offer(text)
        self._told = found.all

    def _near(self, named: Named) -> Iterable[Socket]:
        """The sockets here that hold a room of the person's, and their own."""
        near = dict.fromkeys(self._user_sockets.sockets(named.event.user_id))
        for room_id in named.room_ids:
            if room := self._rooms.get(room_id):
                near |= dict.fromkeys(room.sockets)
        return near
