"""Compares the process' state with the database, to find changes whose notification was lost.

When the last event of a room is lost, no gap shows it; a notification about a user may be lost as well; and a process
without sockets, such as a command or a WSGI worker, sends none. The numbers of all rooms of this process are compared
every second, those of its users twice a second: a user who is deactivated or gets another password loses their sockets
within a second. While nothing was committed, and this process got no new room or socket, the numbers cannot differ, and
nothing is read (`database_watch`).
"""

import logging
import time
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from chat.files import files
from chat.lib import waits
from chat.live import db
from chat.live.broker import Broker
from chat.live.database_watch import DatabaseWatch
from chat.live.rooms import LocalRooms
from chat.live.snapshot_cache import RoomSnapshotCache
from chat.live.user_sockets import UserSockets
from chat.protocol.errors import ChatError, Close
from chat.queries.reconcile import Sums, access_revs_changed, pulse
from chat.queries.rooms import epoch as read_epoch
from chat.queries.rooms import room_heads

logger = logging.getLogger(__name__)

# Seconds between two comparisons of users. Rooms, logins and the epoch are compared every second time, and every time
# while the channel layer fails.
RECONCILE_SECONDS = 0.5
# Seconds before everything is compared even though nothing seems to have changed.
COMPARED_SECONDS = 30.0
# Seconds between two counts of the sockets here, while they are compared.
RECOUNTED_SECONDS = 5.0


class _State(NamedTuple):
    """The inputs of a comparison: the database, and the rooms and sockets here."""

    database: int
    rooms_opened: int
    sockets_came: int
    users: Sums


class Reconciler:
    """Compares rooms, users, access and the epoch with the database."""

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
        self.watch = DatabaseWatch()
        # The state at the last comparison that found nothing to do: of everything, and of users only.
        self._compared: _State | None = None
        self._users_compared: _State | None = None
        self._compared_at = self._recounted_at = 0.0

    async def run(self) -> None:
        """Compare until cancelled."""
        everything = False
        while True:
            await waits.every(RECONCILE_SECONDS)
            everything = not everything or not self._broker.well
            try:
                if everything:
                    files.look()
                    await self._rooms.close_idle()
                await self.compare(everything=everything)
                if everything:
                    self._user_sockets.reauthorize_expired()
            except ChatError as error:
                logger.warning("The reconciler waits for the database: %s", error.code)
            except Exception:
                logger.exception("Comparing with the database failed; it is retried.")

    async def compare(self, *, everything: bool = True) -> None:
        """Compare everything, or only users, unless the state has not changed since the last comparison.

        Raises:
            ChatError: `unavailable`.
        """
        # Read before the comparison, so that a change during it makes the next comparison read again.
        people = self._user_sockets
        state = _State(await self.watch.look(), self._rooms.opened, people.came, people.sums)
        now = time.monotonic()
        if everything:
            if state == self._compared and now - self._compared_at < COMPARED_SECONDS:
                return
            self._compared = self._users_compared = None
            if await self._compare():
                self._compared = self._users_compared = state
                self._compared_at = now
        elif state != self._users_compared:
            self._users_compared = None
            if await self._compare_users():
                self._users_compared = state

    async def epoch(self) -> str:
        """Return the epoch of the database as last read, at most a second ago. A socket greeted with an old epoch is
        closed when the comparison finds the new one.

        Raises:
            ChatError: `unavailable`.
        """
        if not self._epoch:
            self._set_epoch(await db.run(read_epoch))
        return self._epoch

    def _set_epoch(self, epoch: str) -> None:
        """Store the epoch. When it differs from the last one, a backup was restored: the known numbers of rooms are
        void, and the sockets are closed to reconnect and read their rooms again."""
        if self._epoch not in ("", epoch):
            logger.warning("A backup was restored: all sockets are closed, and reconnect.")
            for socket in self._user_sockets.all_sockets():
                socket.close(Close.RESTART)
            self._rooms.forget()
            self._snapshots.forget()
        self._epoch = epoch

    async def compare_rooms(self, room_ids: Iterable[int]) -> None:
        """Compare these rooms now: their notifications arrive from now on, but earlier ones may have been missed."""
        try:
            await self._rooms.advance_all_heads(await db.run(room_heads, room_ids))
        except ChatError as error:
            logger.warning("Joined rooms could not be compared yet: %s", error.code)

    async def _compare_users(self) -> bool:
        if not self._user_sockets.ids():
            return True
        found = await db.run(access_revs_changed, **self._known())
        if found is not None:
            self._user_sockets.compare_access(found)
        return found is None

    def _known(self) -> dict[str, Any]:
        """Return the current state of the users here, for the comparison."""
        people = self._user_sockets
        return {
            "process_id": self._process_id,
            "user_ids": people.ids(),
            "known": people.sums,
            "unrecorded": people.unrecorded,
        }

    async def _compare(self) -> bool:
        """Compare everything. Returns whether users and sockets needed no action; streams that are behind recover on
        their own."""
        if time.monotonic() - self._recounted_at >= RECOUNTED_SECONDS:
            self._recounted_at = time.monotonic()
            self._user_sockets.recount()
        found = await db.run(pulse, room_ids=list(self._rooms), **self._known())
        self._set_epoch(found.epoch)
        await self._rooms.advance_all_heads(found.heads)
        if found.access_revs is not None:
            self._user_sockets.compare_access(found.access_revs)
        if to_close := set(found.to_close):
            for socket in self._user_sockets.all_sockets():
                if socket.id in to_close:
                    socket.close(Close.SIGNED_OUT)
        return found.access_revs is None and not to_close
