"""The people with sockets on this process, and what they may still do.

A person's `access_rev` rises with whatever may matter to their open sockets. When it does, those sockets are
checked again: by what they were let in, and which rooms are theirs. The signal and the layer's hint make that
prompt; the sweep, which compares the numbers, makes it certain.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from chat.live import db
from chat.live.cluster import ClusterBus
from chat.live.rooms import LocalRooms
from chat.live.socket import Socket, Subscription
from chat.live.subscriptions import Subscriptions
from chat.models import Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Close
from chat.queries.reconcile import Known, PersonNow, Sums, person_now
from chat.queries.rooms import HeldRoom, room_entries

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
# A direct room with no more changes than this is new: who gets it is told of it from its first change.
NEW_DIRECT_CHANGES = 100


class _Known(NamedTuple):
    sums: Sums
    # When the first proof of who somebody is comes to its end.
    first_end: datetime | None


class UserSockets:
    def __init__(
        self, bus: ClusterBus, rooms: LocalRooms, subscriptions: Subscriptions, spawn: Callable[[Any], object]
    ) -> None:
        self._bus = bus
        self._rooms = rooms
        self._subscriptions = subscriptions
        self._sockets: defaultdict[int, set[Socket]] = defaultdict(set)
        self._checks: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        # Of all sockets, until one of them comes, goes or is checked: ten thousand take 20 ms to be asked.
        self._known: _Known | None = None
        # A process of an older version sends neither `why` nor `until`.
        bus.on(
            "person.left",
            lambda sent: self._drop(
                sent["user"], sent["room"], sent["reason"], sent.get("why", ""), sent.get("until") or None
            ),
        )
        bus.on("people.check", lambda sent: self.check(sent["users"]))
        bus.on("everybody.tell", lambda sent: self._tell_everybody(sent["text"]))
        bus.on(
            "direct.opened",
            lambda sent: spawn(self._give_direct(sent["room"], sent["users"], seq=sent["seq"], rev=sent["rev"])),
        )

    def add(self, socket: Socket) -> None:
        self._known = None
        self._sockets[socket.user_id].add(socket)

    def remove(self, socket: Socket) -> None:
        self._known = None
        sockets = self._sockets[socket.user_id]
        sockets.discard(socket)
        if not sockets:
            del self._sockets[socket.user_id]

    def sockets(self, user_id: int) -> list[Socket]:
        return list(self._sockets.get(user_id, ()))

    def ids(self) -> list[int]:
        return list(self._sockets)

    def everybody(self) -> list[Socket]:
        return [socket for sockets in self._sockets.values() for socket in sockets]

    def tell_person(self, user_id: int, text: str) -> None:
        """Send one encoded event to a person's sockets here."""
        for socket in self.sockets(user_id):
            socket.queue.offer(text)

    def announce(self, announcement: events.Announcement) -> None:
        """Send an event to every socket of every process."""
        text = announcement.encode()
        self._tell_everybody(text)
        self._bus.notify("everybody.tell", text=text)

    def _tell_everybody(self, text: str) -> None:
        for socket in self.everybody():
            socket.queue.offer(text)

    @property
    def known(self) -> "_Known":
        """What all sockets here come to."""
        if self._known is None:
            users = [socket.user for socket in self.everybody()]
            sums = Sums(len(users), sum(user.pk for user in users), sum(user.access_rev for user in users))
            ends = (socket.identity.expires_at for socket in self.everybody() if socket.open)
            self._known = _Known(sums, min((end for end in ends if end), default=None))
        return self._known

    def compare(self, access_revs: Mapping[int, int]) -> None:
        """Check whoever's number has moved since one of their sockets was let in or checked, or who is gone.
        Who is not among the numbers came while they were read."""
        for user_id, rev in access_revs.items():
            if any(one.open and one.user.access_rev != rev for one in self._sockets.get(user_id, ())):
                self.check([user_id])

    def check_expired(self) -> None:
        """Check those whose proof of who they are has come to its end."""
        now = timezone.now()
        if not (first := self.known.first_end) or first > now:
            return
        for socket in self.everybody():
            if (end := socket.identity.expires_at) and end <= now and socket.open:
                self.check([socket.user_id])

    def check(self, user_ids: Iterable[int]) -> None:
        """Check these people's sockets again, soon."""
        for user_id in user_ids:
            if user_id in self._checks:
                self._again.add(user_id)
            elif user_id in self._sockets:
                self._checks[user_id] = asyncio.get_running_loop().create_task(
                    self._check(user_id),
                    context=Context(),  # it concerns all sockets of the person, not the one that acts
                )

    def access_changed(self, user_ids: Iterable[int]) -> None:
        """What these people may do has changed: their sockets are checked again, on every process."""
        self.check(user_ids)
        self._bus.notify("people.check", users=list(user_ids))

    def member_left(
        self, user_id: int, room_id: int, reason: events.LeftReason, why: str = "", until: str | None = None
    ) -> None:
        """The person is no longer in the room: none of their sockets on any process receives another event of it."""
        self._drop(user_id, room_id, reason, why, until)
        self._bus.notify("person.left", user=user_id, room=room_id, reason=reason, why=why, until=until or "")

    def _drop(
        self, user_id: int, room_id: int, reason: events.LeftReason, why: str = "", until: str | None = None
    ) -> None:
        for socket in self.sockets(user_id):
            room = self._rooms.get(room_id)
            if room is None or room_id not in socket.rooms:
                continue
            self._subscriptions.detach(socket, room_id)
            request_id = socket.leaving.pop(room_id, None)
            left = events.LeftRoom(room=room.slug, reason=reason, why=why, until=until, request_id=request_id)
            socket.tell(left)
            if not socket.all_rooms and not socket.rooms and reason != "left":
                socket.close(Close.REMOVED)

    async def _check(self, user_id: int) -> None:
        try:
            while True:
                self._again.discard(user_id)
                try:
                    await self._apply(user_id)
                except ChatError as error:
                    logger.warning("A person's access could not be checked yet: %s", error.code)
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                if user_id not in self._again:
                    return
        finally:
            self._checks.pop(user_id, None)

    async def _apply(self, user_id: int) -> None:
        sockets = self.sockets(user_id)
        hearing = {socket for socket in sockets if _hears(socket)}
        known = [
            Known(socket.identity, frozenset(socket.rooms), socket.sent_entries.copy() if socket in hearing else None)
            for socket in sockets
        ]
        now = await db.run(person_now, user_id, known)
        for socket in sockets:
            if socket.identity not in now.identities:
                socket.close(Close.SIGNED_OUT)
        for room_id, reason in now.lost.items():
            self._drop(user_id, room_id, reason)
        entries = await self._entries_to_tell(sockets, now)
        for socket in sockets:
            if socket.open:
                await self._tell_entries(socket, now, entries)
                # From here on the socket stands for what was seen; see `compare`.
                socket.identity = now.identities[socket.identity]
                self._known = None
        entered = any(not socket.rooms.keys() <= now.looked_at for socket in sockets)
        if entered or any(_hears(socket) and socket not in hearing for socket in sockets):
            # Entered, or greeted, while we looked: whether they still may, and what they lack, is for another look to
            # say.
            self._again.add(user_id)

    async def _entries_to_tell(self, sockets: Iterable[Socket], now: PersonNow) -> dict[int, HeldRoom]:
        """Of the rooms that one of these sockets does not know as they are."""
        wanted = {room_id for socket in sockets for room_id in _changed(socket, now)}
        if not wanted:
            return {}
        user = next(iter(now.identities.values())).user
        return {room.room_id: room for room in await db.run(room_entries, user, room_ids=wanted)}

    async def _tell_entries(self, socket: Socket, now: PersonNow, entries: Mapping[int, HeldRoom]) -> None:
        changed = [entries[room_id] for room_id in _changed(socket, now) if room_id in entries]
        fresh = [room for room in changed if room.room_id not in socket.rooms]
        known = [room for room in changed if room.room_id in socket.rooms]
        if known:
            socket.tell(events.Rooms(rooms=[room.entry for room in known]))
        for room in fresh:
            entry = room.entry
            new_direct = entry.kind == "direct" and entry.rev <= NEW_DIRECT_CHANGES
            seq, rev = (0, 0) if new_direct else (entry.seq, entry.rev)
            await self._give(socket, room, seq=seq, rev=rev)
        socket.sent_entries.update({room.room_id: room.part for room in changed if room.room_id in socket.rooms})

    async def open_direct(self, room: Room, people: set[int]) -> None:
        """Let every socket of two people hold their direct room, so that the next message in it reaches them."""
        numbers = {"seq": room.last_seq, "rev": room.last_rev}
        self._bus.notify("direct.opened", room=room.pk, users=sorted(people), **numbers)
        await self._give_direct(room.pk, people, **numbers)

    async def _give_direct(self, room_id: int, user_ids: Iterable[int], *, seq: int, rev: int) -> None:
        for user_id in user_ids:
            lacking = [socket for socket in self.sockets(user_id) if room_id not in socket.rooms]
            if not lacking:
                continue
            for room in await db.run(room_entries, lacking[0].user, room_ids=[room_id]):
                for socket in lacking:
                    await self._give(socket, room, seq=seq, rev=rev)

    async def _give(self, socket: Socket, room: HeldRoom, *, seq: int, rev: int) -> None:
        """Let `socket` hold one more room from (`seq`, `rev`) on, or from its head when that is too long ago."""
        entry = room.entry
        # What came since counts when it is told.
        calls = [called for called in entry.mentioned if called <= seq]
        unread = min(max(seq - entry.read_seq, 0), entry.unread)
        then = replace(entry, seq=seq, rev=rev, unread=unread, mentions=len(calls), mentioned=calls)
        for told in (then, entry):
            frame = events.Rooms(rooms=[told]).encode()
            if await self._subscriptions.attach(
                socket, {room.room_id: Subscription(told.room, told.rev)}, [frame], again=False
            ):
                socket.sent_entries[room.room_id] = room.part
                self._rooms.notice({room.room_id: entry.rev})
                return
        self.check([socket.user_id])


def _changed(socket: Socket, now: PersonNow) -> list[int]:
    """Rooms that a greeted socket does not know, or not as they are."""
    if not _hears(socket):
        return []
    return [room_id for room_id, part in now.changed.items() if socket.sent_entries.get(room_id) != part]


def _hears(socket: Socket) -> bool:
    """It is told of rooms that come, go or change."""
    return socket.open and socket.all_rooms and socket.greeted
