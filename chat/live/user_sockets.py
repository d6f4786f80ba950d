"""The sockets of this process by user, and their reauthorization.

A user's `access_rev` rises with every change that may affect their open sockets. Those sockets are then reauthorized:
are their credentials still valid, and which rooms may they hold? The signal and the notification make that prompt; the
reconciler, which compares the numbers, makes it certain.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from chat.identity import Identity
from chat.live import db
from chat.live.cluster import ClusterBus
from chat.live.rooms import LocalRooms
from chat.live.socket import Socket, Subscription
from chat.live.subscriptions import Subscriptions
from chat.models import CONVERSATIONS, Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Close
from chat.queries.reconcile import Known, PersonNow, Sums, person_now
from chat.queries.rooms import HeldRoom, room_entries

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
# A direct room with at most this number of changes is new: sockets are attached from its first change.
NEW_DIRECT_CHANGES = 100


class UserSockets:
    """Registers sockets, sends to users, and reauthorizes sockets when access changes."""

    def __init__(
        self, bus: ClusterBus, rooms: LocalRooms, subscriptions: Subscriptions, spawn: Callable[[Any], object]
    ) -> None:
        self._bus = bus
        self._rooms = rooms
        self._subscriptions = subscriptions
        # Tuples: most users have one socket, and a set takes 0.2 KB.
        self._sockets: dict[int, tuple[Socket, ...]] = {}
        self._reauthorizing: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        # Kept up to date: computing them over 10,000 sockets takes 20 ms, and while sockets connect they are needed
        # twice a second. Sockets that are not recorded yet are not included, but read separately.
        self._sums = Sums(0, 0, 0)
        self._unrecorded: set[Socket] = set()
        self._counted = True
        # No socket's credential expires before this time.
        self._first_end: datetime | None = None
        # The number of sockets registered so far.
        self.came = 0
        # A process of an older version does not send `why` and `until`.
        bus.on(
            "person.left",
            lambda sent: self._revoke_room(
                sent["user"], sent["room"], sent["reason"], sent.get("why", ""), sent.get("until") or None
            ),
        )
        bus.on("people.check", lambda sent: self.reauthorize(sent["users"]))
        bus.on("everybody.tell", lambda sent: self._send_to_all(sent["text"]))
        bus.on(
            "direct.opened",
            lambda sent: spawn(self._attach_direct(sent["room"], sent["users"], seq=sent["seq"], rev=sent["rev"])),
        )

    def add(self, socket: Socket) -> None:
        """Register a socket."""
        self._sockets[socket.user_id] = (*self._sockets.get(socket.user_id, ()), socket)
        self._unrecorded.add(socket)
        self.came += 1
        self._note_end(socket)

    def record(self, socket: Socket) -> None:
        """Note that the socket's row has been written: from now on the sums show whether its user has changed."""
        if socket in self._unrecorded:
            self._unrecorded.discard(socket)
            socket.recorded = True
            self._count(1, socket.user_id, socket.user.access_rev)

    def remove(self, socket: Socket) -> None:
        """Unregister a socket; does nothing for one that was never registered."""
        self._unrecorded.discard(socket)
        if socket.recorded:
            socket.recorded = False
            self._count(-1, -socket.user_id, -socket.user.access_rev)
        sockets = tuple(one for one in self._sockets.pop(socket.user_id, ()) if one is not socket)
        if sockets:
            self._sockets[socket.user_id] = sockets

    def sockets(self, user_id: int) -> list[Socket]:
        """Return the user's sockets on this process."""
        return list(self._sockets.get(user_id, ()))

    def ids(self) -> list[int]:
        """Return the ids of the users with a socket on this process."""
        return list(self._sockets)

    def all_sockets(self) -> list[Socket]:
        """Return every socket of this process."""
        return [socket for sockets in self._sockets.values() for socket in sockets]

    def send_to_user(self, user_id: int, text: str, *, but: str = "") -> None:
        """Send one encoded event to a user's sockets on this process, except the one with the id `but`."""
        for socket in self.sockets(user_id):
            if socket.id != but:
                socket.queue.offer(text)

    def tell(self, user_id: int, text: str, but: str) -> None:
        """Send one encoded event to a user's sockets on every process, except the one with the id `but`."""
        self.send_to_user(user_id, text, but=but)
        self._bus.notify("person.tell", user=user_id, text=text)

    def announce(self, announcement: events.Event) -> None:
        """Send an event to every socket of every process."""
        text = announcement.encode()
        self._send_to_all(text)
        self._bus.notify("everybody.tell", text=text)

    def _send_to_all(self, text: str) -> None:
        for socket in self.all_sockets():
            socket.queue.offer(text)

    @property
    def sums(self) -> Sums:
        """Checksum of this process' recorded sockets."""
        return self._sums

    @property
    def unrecorded(self) -> list[int]:
        """The ids of the users with a socket that is not recorded yet."""
        return [socket.user_id for socket in self._unrecorded]

    def recount(self) -> None:
        """Compute the sums again, if anything has changed them: a wrong sum could hide that a user lost access, so it
        must not persist."""
        if self._counted:
            return
        users = [socket.user for socket in self.all_sockets() if socket.recorded]
        sums = Sums(len(users), sum(user.pk for user in users), sum(user.access_rev for user in users))
        if sums != self._sums:
            logger.error("The sums of the sockets were wrong: %s instead of %s.", self._sums, sums)
        self._sums, self._counted = sums, True

    def _count(self, sockets: int, user_ids: int, access_revs: int) -> None:
        known = self._sums
        self._sums = Sums(known.sockets + sockets, known.user_ids + user_ids, known.access_revs + access_revs)
        self._counted = False

    def _identify(self, socket: Socket, identity: Identity) -> None:
        """Set the socket's identity. No other method does."""
        if socket.recorded:
            self._count(0, identity.user.pk - socket.user_id, identity.user.access_rev - socket.user.access_rev)
        socket.identity = identity
        self._note_end(socket)

    def _note_end(self, socket: Socket) -> None:
        end = socket.identity.expires_at
        if end and not (self._first_end and self._first_end <= end):
            self._first_end = end

    def compare_access(self, access_revs: Mapping[int, int]) -> None:
        """Reauthorize each user whose `access_rev` differs from the one a socket was authorized with (user id ->
        number, -1 for a deleted user). A user missing in `access_revs` connected while it was read."""
        for user_id, rev in access_revs.items():
            for one in self._sockets.get(user_id, ()):
                if one.user.access_rev != rev and one.open:
                    self.reauthorize([user_id])
                    break

    def reauthorize_expired(self) -> None:
        """Reauthorize the users with a socket whose credential has expired."""
        now = timezone.now()
        if not self._first_end or self._first_end > now:
            return
        self._first_end = None
        for socket in self.all_sockets():
            if not socket.open:
                continue
            self._note_end(socket)
            if (end := socket.identity.expires_at) and end <= now:
                self.reauthorize([socket.user_id])

    def reauthorize(self, user_ids: Iterable[int]) -> None:
        """Check the sockets of these users again, soon: close or detach those that lost access."""
        for user_id in user_ids:
            if user_id in self._reauthorizing:
                self._again.add(user_id)
            elif user_id in self._sockets:
                self._reauthorizing[user_id] = asyncio.get_running_loop().create_task(
                    self._reauthorize(user_id),
                    context=Context(),  # it serves all sockets of the user, and must not log the ids of one
                )

    def access_changed(self, user_ids: Iterable[int]) -> None:
        """Reauthorize the sockets of these users on every process."""
        self.reauthorize(user_ids)
        self._bus.notify("people.check", users=list(user_ids))

    def member_left(
        self, user_id: int, room_id: int, reason: events.LeftReason, why: str = "", until: str | None = None
    ) -> None:
        """Detach the sockets of a user, on every process, from a room they left or were removed from."""
        self._revoke_room(user_id, room_id, reason, why, until)
        self._bus.notify("person.left", user=user_id, room=room_id, reason=reason, why=why, until=until or "")

    def _revoke_room(
        self, user_id: int, room_id: int, reason: events.LeftReason, why: str = "", until: str | None = None
    ) -> None:
        for socket in self.sockets(user_id):
            room = self._rooms.get(room_id)
            if room is None or room_id not in socket.rooms:
                continue
            self._subscriptions.detach(socket, room_id)
            request_id = socket.leaving.pop(room_id, None)
            left = events.LeftRoom(room=room.slug, reason=reason, why=why, until=until, request_id=request_id)
            socket.send(left)
            if not socket.all_rooms and not socket.rooms and reason != "left":
                socket.close(Close.REMOVED)

    async def _reauthorize(self, user_id: int) -> None:
        try:
            while True:
                self._again.discard(user_id)
                try:
                    await self._reauthorize_once(user_id)
                except ChatError as error:
                    logger.warning("A user's sockets could not be reauthorized yet: %s", error.code)
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                if user_id not in self._again:
                    return
        finally:
            self._reauthorizing.pop(user_id, None)

    async def _reauthorize_once(self, user_id: int) -> None:
        sockets = self.sockets(user_id)
        receiving = {socket for socket in sockets if _receives_entries(socket)}
        known = [
            Known(socket.identity, frozenset(socket.rooms), socket.sent_entries.copy() if socket in receiving else None)
            for socket in sockets
        ]
        now = await db.run(person_now, user_id, known)
        for socket in sockets:
            if socket.identity not in now.identities:
                socket.close(Close.SIGNED_OUT)
        for room_id, reason in now.lost.items():
            self._revoke_room(user_id, room_id, reason)
        entries = await self._changed_entries(sockets, now)
        for socket in sockets:
            if socket.open:
                await self._send_entries(socket, now, entries)
                # Stored last: until then `compare_access` sees the old number, and repeats the check.
                self._identify(socket, now.identities[socket.identity])
        entered = any(not socket.rooms.keys() <= now.looked_at for socket in sockets)
        if entered or any(_receives_entries(socket) and socket not in receiving for socket in sockets):
            # A room was entered, or a socket greeted, during the query: check those in another round.
            self._again.add(user_id)

    async def _changed_entries(self, sockets: Iterable[Socket], now: PersonNow) -> dict[int, HeldRoom]:
        """Return the entries, by room id, of the rooms whose last entry is outdated on one of these sockets."""
        wanted = {room_id for socket in sockets for room_id in _changed(socket, now)}
        if not wanted:
            return {}
        user = next(iter(now.identities.values())).user
        return {room.room_id: room for room in await db.run(room_entries, user, room_ids=wanted)}

    async def _send_entries(self, socket: Socket, now: PersonNow, entries: Mapping[int, HeldRoom]) -> None:
        changed = [entries[room_id] for room_id in _changed(socket, now) if room_id in entries]
        fresh = [room for room in changed if room.room_id not in socket.rooms]
        known = [room for room in changed if room.room_id in socket.rooms]
        if known:
            socket.send(events.Rooms(rooms=[room.entry for room in known]))
        for room in fresh:
            entry = room.entry
            new_direct = entry.kind in CONVERSATIONS and entry.rev <= NEW_DIRECT_CHANGES
            seq, rev = (0, 0) if new_direct else (entry.seq, entry.rev)
            await self._attach(socket, room, seq=seq, rev=rev)
        socket.sent_entries.update({room.room_id: room.part for room in changed if room.room_id in socket.rooms})

    async def open_direct(self, room: Room, user_ids: set[int]) -> None:
        """Attach every socket of these users to their conversation, so that the next message in it reaches them."""
        numbers = {"seq": room.last_seq, "rev": room.last_rev}
        self._bus.notify("direct.opened", room=room.pk, users=sorted(user_ids), **numbers)
        await self._attach_direct(room.pk, user_ids, **numbers)

    async def _attach_direct(self, room_id: int, user_ids: Iterable[int], *, seq: int, rev: int) -> None:
        for user_id in user_ids:
            lacking = [socket for socket in self.sockets(user_id) if room_id not in socket.rooms]
            if not lacking:
                continue
            for room in await db.run(room_entries, lacking[0].user, room_ids=[room_id]):
                for socket in lacking:
                    await self._attach(socket, room, seq=seq, rev=rev)

    async def _attach(self, socket: Socket, room: HeldRoom, *, seq: int, rev: int) -> None:
        """Attach `socket` to one more room from (`seq`, `rev`) on, or from its head when that is too old."""
        entry = room.entry
        # The counts as of (`seq`, `rev`): the client adds the later messages when they arrive.
        calls = [called for called in entry.mentioned if called <= seq]
        unread = min(max(seq - entry.read_seq, 0), entry.unread)
        then = replace(entry, seq=seq, rev=rev, unread=unread, mentions=len(calls), mentioned=calls)
        for start in (then, entry):
            frame = events.Rooms(rooms=[start]).encode()
            if await self._subscriptions.attach(
                socket, {room.room_id: Subscription(start.room, start.rev)}, [frame], again=False
            ):
                socket.sent_entries[room.room_id] = room.part
                self._rooms.advance_heads({room.room_id: entry.rev})
                return
        self.reauthorize([socket.user_id])


def _changed(socket: Socket, now: PersonNow) -> list[int]:
    """Return the ids of the rooms whose current entry was not sent to a greeted socket."""
    if not _receives_entries(socket):
        return []
    return [room_id for room_id, part in now.changed.items() if socket.sent_entries.get(room_id) != part]


def _receives_entries(socket: Socket) -> bool:
    """Return whether the socket receives entries of new and changed rooms."""
    return socket.open and socket.all_rooms and socket.greeted
