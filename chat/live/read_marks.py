"""How far people have read, told to their own sockets on this process."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from chat.live import db
from chat.live.cluster import ClusterBus
from chat.live.user_sockets import UserSockets
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.rooms import room_entries
from chat.services.publishing import Moved

# Of several posts in this time a person's other sockets are sent one `read`.
POSTS_SECONDS = 0.05


class ReadMarks:
    def __init__(self, bus: ClusterBus, user_sockets: UserSockets, spawn: Callable[[Any], object]) -> None:
        self._bus = bus
        self._user_sockets = user_sockets
        self._spawn = spawn
        # By (person, room): what they posted last, and it is not told yet.
        self._posted: dict[tuple[int, int], Moved] = {}
        bus.on("person.tell", lambda sent: user_sockets.tell_person(sent["user"], sent["text"]))
        bus.on("person.counts", lambda sent: self._bring_counts(sent["user"], sent["room"]))

    def moved(self, moved: Iterable[Moved]) -> None:
        """Send `read` to the person's other sockets, and where more is left, how much of it counts."""
        for mark in moved:
            self._tell(mark)
            self._bus.notify("person.tell", user=mark.user_id, text=event_of(mark).encode())
            if mark.more:
                # The socket that marked unread does not know either what counts of it; one that reads has it in view.
                self._bring_counts(mark.user_id, mark.room_id, but="" if mark.unread else mark.socket)
                self._bus.notify("person.counts", user=mark.user_id, room=mark.room_id)

    def posted(self, mark: Moved) -> None:
        """Whoever posts has read what stands before it: send `read`, soon, to their sockets that do not know."""
        if all(socket.id == mark.socket for socket in self._user_sockets.sockets(mark.user_id)):
            return
        if not self._posted:
            asyncio.get_running_loop().call_later(POSTS_SECONDS, self._tell_posted)
        self._posted[mark.user_id, mark.room_id] = mark

    def _tell_posted(self) -> None:
        posted, self._posted = self._posted, {}
        for mark in posted.values():
            self._tell(mark)

    def _tell(self, mark: Moved) -> None:
        """Send `read` to the person's sockets, but not to the one that moved the mark."""
        text = ""
        for socket in self._user_sockets.sockets(mark.user_id):
            if socket.id != mark.socket:
                text = text or event_of(mark).encode()
                socket.queue.offer(text)

    def _bring_counts(self, user_id: int, room_id: int, *, but: str = "") -> None:
        """Send the room's entry to the person's sockets but one: a mark in the middle does not say what is left."""
        if any(socket.all_rooms and socket.id != but for socket in self._user_sockets.sockets(user_id)):
            self._spawn(self._bring(user_id, room_id, but))

    async def _bring(self, user_id: int, room_id: int, but: str) -> None:
        sockets = [socket for socket in self._user_sockets.sockets(user_id) if socket.all_rooms and socket.id != but]
        if not sockets:
            return
        try:
            found = await db.run(room_entries, sockets[0].user, room_ids=[room_id])
        except ChatError:
            return  # The database is away: the sockets come back to a new list.
        for held in found:
            event = events.Rooms(rooms=[held.entry])
            for socket in sockets:
                if room_id in socket.rooms:
                    socket.tell(event)


def event_of(mark: Moved) -> events.Read:
    return events.Read(room=mark.room, seq=mark.seq, unread=mark.unread)
