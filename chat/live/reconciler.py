"""Comparing numbers with the database, every second: what nobody said, or nobody heard, surfaces here.

The last event before a silence leaves no hole behind it, and a hint about a person may be lost as well.
One look at the numbers of all rooms and people of this process finds both.
"""

import asyncio
import logging
from collections.abc import Iterable
from uuid import UUID

from chat.files import files
from chat.live import db
from chat.live.broker import Broker
from chat.live.rooms import LocalRooms
from chat.live.snapshot_cache import RoomSnapshotCache
from chat.live.user_sockets import UserSockets
from chat.protocol.errors import ChatError, Close
from chat.queries.reconcile import pulse
from chat.queries.rooms import epoch as read_epoch
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
        snapshots: RoomSnapshotCache,
    ) -> None:
        self._epoch = ""
        self._snapshots = snapshots
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

    async def epoch(self) -> str:
        """The epoch of the database as last seen, at most a second ago. A socket that is greeted in a wrong one is
        closed when the comparison finds the new one.

        Raises:
            ChatError: `unavailable`.
        """
        if not self._epoch:
            self._notice_epoch(await db.run(read_epoch))
        return self._epoch

    def _notice_epoch(self, epoch: str) -> None:
        """When the database was in another epoch before, a backup was restored: the numbers of rooms known here mean
        nothing, and the sockets have to come back and read their rooms anew."""
        if self._epoch not in ("", epoch):
            logger.warning("A backup was restored: every socket is asked to come back.")
            for socket in self._user_sockets.everybody():
                socket.close(Close.RESTART)
            self._rooms.forget()
            self._snapshots.forget()
        self._epoch = epoch

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
        self._notice_epoch(found.epoch)
        await self._rooms.notice_all(found.heads)
        if found.access_revs is not None:
            self._user_sockets.compare({user_id: found.access_revs.get(user_id, -1) for user_id in ids})
        self._user_sockets.check_expired()
        if to_close := set(found.to_close):
            for socket in self._user_sockets.everybody():
                if socket.id in to_close:
                    socket.close(Close.SIGNED_OUT)
