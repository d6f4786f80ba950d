"""Comparing numbers with the database, every second: what nobody said, or nobody heard, surfaces here.

The last event before a silence leaves no hole behind it, and a hint about a person may be lost as well.
One look at the numbers of all rooms and people of this process finds both.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from uuid import UUID

from chat.files import files
from chat.live import db
from chat.live.broker import Broker
from chat.live.rooms import LocalRooms
from chat.live.user_sockets import UserSockets
from chat.protocol.errors import ChatError, Close
from chat.queries.reconcile import pulse
from chat.queries.rooms import room_heads

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
SWEEP_UNWELL_SECONDS = 0.5


class Reconciler:
    def __init__(
        self,
        process_id: UUID,
        rooms: LocalRooms,
        user_sockets: UserSockets,
        broker: Broker,
        *,
        on_epoch: Callable[[str], None],
    ) -> None:
        """`on_epoch` gets the epoch at each look."""
        self._on_epoch = on_epoch
        self._process_id = process_id
        self._rooms = rooms
        self._user_sockets = user_sockets
        self._broker = broker

    async def run(self) -> None:
        """Compare until cancelled; more often while the channel layer is unwell."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS if self._broker.well else SWEEP_UNWELL_SECONDS)
            files.look()
            try:
                await self._rooms.close_idle()
                await self._compare()
            except ChatError as error:
                logger.warning("The sweep waits for the database: %s", error.code)
            except Exception:
                logger.exception("A sweep failed; the next one follows.")

    async def compare_rooms(self, room_ids: Iterable[int]) -> None:
        """Compare these rooms now: hints of them arrive from here on, but may have been missed before."""
        try:
            await self._rooms.notice_all(await db.run(room_heads, room_ids))
        except ChatError as error:
            logger.warning("Rooms wait for the sweep to be compared: %s", error.code)

    async def _compare(self) -> None:
        ids = self._user_sockets.ids()
        found = await db.run(
            pulse,
            process_id=self._process_id,
            room_ids=list(self._rooms),
            user_ids=ids,
            known=self._user_sockets.known.sums,
        )
        self._on_epoch(found.epoch)
        await self._rooms.notice_all(found.heads)
        if found.access_revs is not None:
            self._user_sockets.compare({user_id: found.access_revs.get(user_id, -1) for user_id in ids})
        self._user_sockets.check_expired()
        if to_close := set(found.to_close):
            for socket in self._user_sockets.everybody():
                if socket.id in to_close:
                    socket.close(Close.SIGNED_OUT)
