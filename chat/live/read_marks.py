"""Read marks, sent to the user's own sockets on this process."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chat.live import db
from chat.live.cluster import ClusterBus
from chat.live.steps import STEP, steps
from chat.live.user_sockets import UserSockets
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.rooms import room_entries
from chat.services.publishing import Moved

# For several posts within this time, a user's other sockets get one `read`.
POSTS_SECONDS = 0.05


class ReadMarks:
    """Sends moved read marks to their users' sockets."""

    def __init__(self, bus: ClusterBus, user_sockets: UserSockets, spawn: Callable[[Any], object]) -> None:
        self._bus = bus
        self._user_sockets = user_sockets
        self._spawn = spawn
        # (user id, room id) -> the mark of the user's last post, not sent yet.
        self._posted: dict[tuple[int, int], Moved] = {}
        bus.on("person.tell", lambda sent: user_sockets.send_to_user(sent["user"], sent["text"]))
        bus.on("person.counts", lambda sent: self._send_counts(sent["user"], sent["room"]))

    def moved(self, moved: Sequence[Moved]) -> None:
        """Send `read` to the user's other sockets, and the room's entry if messages after the mark are unread."""
        if len(moved) > STEP:
            self._spawn(self._moved_in_steps(moved))
        else:
            self._moved(moved)

    async def _moved_in_steps(self, moved: Sequence[Moved]) -> None:
        async for step in steps(moved):
            self._moved(step)

    def _moved(self, moved: Iterable[Moved]) -> None:
        for mark in moved:
            text = event_of(mark).encode()
            self._user_sockets.send_to_user(mark.user_id, text, but=mark.socket)
            self._bus.notify("person.tell", user=mark.user_id, text=text)
            if mark.more:
                # A socket that marked messages as unread needs the counts too; one that read messages shows them.
                self._send_counts(mark.user_id, mark.room_id, but="" if mark.unread else mark.socket)
                self._bus.notify("person.counts", user=mark.user_id, room=mark.room_id)

    def posted(self, mark: Moved) -> None:
        """A post moves its author's read mark: send `read` to the author's other sockets after POSTS_SECONDS."""
        if all(socket.id == mark.socket for socket in self._user_sockets.sockets(mark.user_id)):
            return
        if not self._posted:
            asyncio.get_running_loop().call_later(POSTS_SECONDS, self._send_posted)
        self._posted[mark.user_id, mark.room_id] = mark

    def _send_posted(self) -> None:
        posted, self._posted = self._posted, {}
        for mark in posted.values():
            self._user_sockets.send_to_user(mark.user_id, event_of(mark).encode(), but=mark.socket)

    def _send_counts(self, user_id: int, room_id: int, *, but: str = "") -> None:
        """Send the room's entry to the user's sockets except `but` (a socket's id): a client cannot compute the counts
        from a mark before the last message."""
        if any(socket.all_rooms and socket.id != but for socket in self._user_sockets.sockets(user_id)):
            self._spawn(self._send_entry(user_id, room_id, but))

    async def _send_entry(self, user_id: int, room_id: int, but: str) -> None:
        sockets = [socket for socket in self._user_sockets.sockets(user_id) if socket.all_rooms and socket.id != but]
        if not sockets:
            return
        try:
            found = await db.run(room_entries, sockets[0].user, room_ids=[room_id])
        except ChatError:
            return  # The database does not answer; the entry comes with the next change or reconnect.
        for held in found:
            event = events.Rooms(rooms=[held.entry])
            for socket in sockets:
                if room_id in socket.rooms:
                    socket.send(event)


def event_of(mark: Moved) -> events.Read:
    """The `read` event of a moved mark."""
    return events.Read(room=mark.room, seq=mark.seq, unread=mark.unread)
