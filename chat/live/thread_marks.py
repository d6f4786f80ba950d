"""Sends users their unread counts of threads, collected, so that a flood of replies costs few reads."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from chat.live import db
from chat.live.broker import Message
from chat.live.cluster import ClusterBus
from chat.live.rooms import LocalRooms
from chat.live.user_sockets import UserSockets
from chat.protocol.errors import ChatError
from chat.queries.threads import thread_events
from chat.services.publishing import ThreadChange

# Changes of one thread within this time are sent as one `thread`.
GATHER_SECONDS = 0.1
# Seconds before the next try when the database does not answer.
AGAIN_SECONDS = 1.0


@dataclass(slots=True)
class _Due:
    """The users whose state in a thread must be sent: all who follow it (`everyone`), and `people`."""

    everyone: bool = False
    people: set[int] = field(default_factory=set)


class ThreadMarks:
    """Sends `thread` to the sockets of users who follow a thread."""

    def __init__(
        self, bus: ClusterBus, rooms: LocalRooms, user_sockets: UserSockets, spawn: Callable[[Any], object]
    ) -> None:
        self._bus = bus
        self._rooms = rooms
        self._user_sockets = user_sockets
        self._spawn = spawn
        # (room id, seq of the root)
        self._due: dict[tuple[int, int], _Due] = {}
        self._running = False
        bus.on("thread.changed", self._heard)

    def changed(self, changed: Iterable[ThreadChange]) -> None:
        """Send these changes, which this process committed, on every process."""
        for one in changed:
            self._note(one.room_id, one.thread, one.user_id)
            if one.user_id is None:
                self._bus.notify_room(one.room_id, "thread.changed", thread=one.thread, user=0)
            else:
                self._bus.notify("thread.changed", room=one.room_id, thread=one.thread, user=one.user_id)

    def _heard(self, sent: Message) -> None:
        self._note(sent["room"], sent["thread"], sent["user"] or None)

    def _note(self, room_id: int, thread: int, user_id: int | None) -> None:
        if room_id not in self._rooms or (user_id is not None and not self._user_sockets.sockets(user_id)):
            return
        due = self._due.setdefault((room_id, thread), _Due())
        if user_id is None:
            due.everyone = True
        else:
            due.people.add(user_id)
        if not self._running:
            self._running = True
            self._spawn(self._run())

    async def _run(self) -> None:
        try:
            while self._due:
                await asyncio.sleep(GATHER_SECONDS)
                gathered, self._due = self._due, {}
                for (room_id, thread), due in gathered.items():
                    await self._send(room_id, thread, due)
        finally:
            self._running = False

    async def _send(self, room_id: int, thread: int, due: _Due) -> None:
        room = self._rooms.get(room_id)
        here = {socket.user_id for socket in room.sockets} if room else set()
        people = here if due.everyone else here & due.people
        if not people:
            return
        try:
            found = await db.run(thread_events, room_id, thread, people, also=due.people)
        except ChatError:
            again = self._due.setdefault((room_id, thread), _Due())
            again.everyone |= due.everyone
            again.people |= due.people
            await asyncio.sleep(AGAIN_SECONDS)
            return
        for user_id, event in found.items():
            for socket in self._user_sockets.sockets(user_id):
                if room_id in socket.rooms:
                    socket.send(event)
