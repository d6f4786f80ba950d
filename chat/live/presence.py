"""Tracks which users are online, over all processes: rows under leases in the database, so it works without Redis."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from uuid import UUID

from chat.lib import waits
from chat.live import db
from chat.live.cluster import ClusterBus
from chat.live.database_watch import DatabaseWatch
from chat.live.group_commit import GroupCommit
from chat.live.room_presence import RoomPresence
from chat.live.rooms import LocalRooms
from chat.live.snapshot_cache import RoomSizeCache
from chat.live.socket import Socket
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.people import Attending, PresenceAudience, attending, presence_reach
from chat.services.connections import Closed, Opened, connections_save, lease_end, lease_renew, leases_clean

logger = logging.getLogger(__name__)

LEASE_RENEWED_SECONDS = 5.0
LEASES_CLEANED_SECONDS = 600.0
# Seconds in which changes are collected before they are sent.
GATHER_SECONDS = 1.0
# Seconds between two queries without a notification.
POLL_SECONDS = 5.0
# Seconds before a user without sockets is shown offline, so that a page reload sends nothing.
LINGER_SECONDS = 10.0


class Attendance:
    """The shown statuses: turns the set of online users into the changes to send. No I/O."""

    def __init__(self, online: Iterable[int] = ()) -> None:
        self.shown: dict[int, events.PresenceStatus] = dict.fromkeys(online, "online")
        self._chosen: frozenset[int] = frozenset()
        self._gone_since: dict[int, float] = {}

    @property
    def lingering(self) -> frozenset[int]:
        """Users without sockets who are still shown online."""
        return frozenset(self._gone_since)

    def update(
        self, online: frozenset[int], now: float, chosen: Mapping[int, events.PresenceStatus] = MappingProxyType({})
    ) -> dict[int, events.PresenceStatus]:
        """Return the changes to send at `now` (seconds), and count them as shown. `chosen`: the statuses that online
        users chose to show instead."""
        changes: dict[int, events.PresenceStatus] = {}
        # Of ten thousand users, look only at those who came online and those with a chosen status, now or before.
        for user_id in (online - self.shown.keys()) | (online & (self._chosen | chosen.keys())):
            status = chosen.get(user_id, "online")
            if self.shown.get(user_id) != status:
                changes[user_id] = status
        for user_id in online & self._gone_since.keys():
            del self._gone_since[user_id]
        for user_id in self.shown.keys() - online:
            if now - self._gone_since.setdefault(user_id, now) >= LINGER_SECONDS:
                changes[user_id] = "offline"
                del self._gone_since[user_id]
        self._chosen = frozenset(chosen)
        self.shown |= changes
        for user_id in [who for who, status in changes.items() if status == "offline"]:
            del self.shown[user_id]
        return changes


class Presence:
    """Writes this process' sockets under its lease, and sends users' statuses to the members of their rooms."""

    def __init__(
        self,
        process_id: UUID,
        bus: ClusterBus,
        rooms: LocalRooms,
        room_sizes: RoomSizeCache,
        room_presence: RoomPresence,
        watch: DatabaseWatch,
        on_recorded: Callable[[Socket], None] = lambda _socket: None,
    ) -> None:
        """`on_recorded` is called when the row of a socket has been written."""
        self._process_id = process_id
        self._watch = watch
        self._on_recorded = on_recorded
        self._bus = bus
        self._rooms = rooms
        self._room_sizes = room_sizes
        self._room_presence = room_presence
        self._attendance = Attendance()
        # Users who closed a socket here, until a query finds them offline.
        self._leaving: set[int] = set()
        self._unsent: dict[int, events.PresenceStatus] = {}
        self._saving: GroupCommit[Opened | Closed, None] = GroupCommit(self._save, pause=GATHER_SECONDS / 4)
        self._leased_at = -LEASE_RENEWED_SECONDS
        self._cleaned_at = float("-inf")
        self._stale = asyncio.Event()
        # The last result while there was no other process, and the watch's number before it.
        self._found: Attending | None = None
        self._found_at = 0
        # User id -> number of sockets on other processes, as of the last query.
        self.elsewhere: dict[int, int] = {}
        bus.on("presence.changed", lambda _sent: self._stale.set())

    def opened(self, socket: Socket) -> None:
        """Store the socket, soon."""
        row = Opened(UUID(socket.id), socket.user_id, socket.address[:64], socket.user_agent[:200])
        self._saving.submit(row, lambda _: self._on_recorded(socket))

    def closed(self, socket: Socket) -> None:
        """Delete the socket's row, soon."""
        self._leaving.add(socket.user_id)
        self._saving.submit(Closed(UUID(socket.id)))

    def changed(self) -> None:
        """A user chose another presence: make every process query it soon."""
        self._stale.set()
        self._bus.notify("presence.changed")

    @property
    def lingering(self) -> frozenset[int]:
        """Users who still count as online: nothing is sent if they reconnect soon."""
        return self._attendance.lingering | self._leaving

    async def run(self) -> None:
        """Renew the lease and send changes, until cancelled."""
        while True:
            try:
                await self._renew()
                await self._look()
            except ChatError as error:
                logger.warning("Presence waits for the database: %s", error.code)
            except Exception:
                logger.exception("Reading who is connected failed; it is retried.")
            most = GATHER_SECONDS if self._attendance.lingering else POLL_SECONDS
            await waits.rest(self._stale, GATHER_SECONDS, most)

    async def end(self) -> None:
        """Write the pending changes and delete the lease."""
        await self._saving.idle()
        await db.run(lease_end, self._process_id)

    async def _save(self, changes: Sequence[Opened | Closed]) -> Sequence[None]:
        while True:
            try:
                await self._renew()
                await db.run(connections_save, self._process_id, changes)
                break
            except ChatError:
                # Keep the changes until the database answers.
                await asyncio.sleep(GATHER_SECONDS)
        self._stale.set()
        self._bus.notify("presence.changed")
        return [None] * len(changes)

    async def _renew(self) -> None:
        now = time.monotonic()
        if now - self._leased_at >= LEASE_RENEWED_SECONDS:
            await self._watch.unseen(partial(lease_renew, self._process_id))
            self._leased_at = now
        if now - self._cleaned_at >= LEASES_CLEANED_SECONDS:
            self._cleaned_at = now
            await db.run(leases_clean)

    async def _look(self) -> None:
        found = await self._attending()
        self.elsewhere = {user_id: count for user_id, count in found.online.items() if count}
        online = frozenset(found.online)
        await self._room_presence.keep_processes(found.processes)
        self._unsent |= self._attendance.update(online, time.monotonic(), found.chosen)
        self._leaving &= online
        if self._unsent:
            audience = await db.run(self._audience, self._unsent)
            self._send(self._unsent, audience)
            self._unsent = {}

    async def _attending(self) -> Attending:
        """Return who is connected. Reads nothing while nothing was committed and this is the only process: without a
        commit, only the end of another process' lease changes the result."""
        number, stale = self._watch.number, self._stale.is_set()
        self._stale.clear()
        if stale or self._found is None or number != self._found_at:
            self._found = None
            found = await db.run(attending, self._process_id)
            if found.processes != {str(self._process_id)}:
                return found
            self._found, self._found_at = found, number
        return self._found

    def _audience(self, user_ids: Iterable[int]) -> dict[int, PresenceAudience]:
        """Return who gets these users' statuses: the members of those of their rooms that are not large."""
        found = presence_reach(user_ids)
        small = self._room_sizes.small({room_id for audience in found.values() for room_id in audience.room_ids})
        return {
            user_id: PresenceAudience(audience.username, audience.room_ids & small)
            for user_id, audience in found.items()
        }

    def _send(self, changes: Mapping[int, events.PresenceStatus], audience: Mapping[int, PresenceAudience]) -> None:
        by_socket: dict[Socket, dict[str, events.PresenceStatus]] = {}
        for user_id, status in changes.items():
            seen_by = audience.get(user_id, PresenceAudience("", set()))
            for room_id in seen_by.room_ids:
                room = self._rooms.get(room_id)
                for socket in room.sockets if room else ():
                    if socket.user_id != user_id:
                        by_socket.setdefault(socket, {})[seen_by.username] = status
        for socket, users in by_socket.items():
            socket.send(events.Presence(users=users))
