"""Attaches sockets to rooms and detaches them. A socket that holds a room receives its changes after some `rev`."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from chat.live.room_presence import RoomPresence
from chat.live.rooms import LocalRoom, LocalRooms
from chat.live.send_queue import frame_batches
from chat.live.socket import Socket, Subscription
from chat.live.steps import steps


class Subscriptions:
    """Tracks which socket holds which room."""

    def __init__(self, rooms: LocalRooms, room_presence: RoomPresence) -> None:
        self._rooms = rooms
        self._room_presence = room_presence

    async def attach(
        self, socket: Socket, rooms: Mapping[int, Subscription], greeting: Sequence[str], *, again: bool = True
    ) -> bool:
        """Let `socket` hold `rooms` (room id -> slug and `rev` of its snapshot), and send it `greeting` (encoded
        events).

        The greeting, the events since the snapshot, and every later event follow each other without a gap: nothing is
        awaited between reading the recent events and the registration. Without `again`, a socket that already holds all
        the rooms gets no greeting. Returns False, with nothing done, when the recent events do not reach back to the
        snapshot: the caller must read a new one.

        Raises:
            ChatError: `unavailable` when a room's stream does not reach the snapshot in time.
        """
        opened = [(self._open(room_id, one), one.rev) for room_id, one in rooms.items()]
        if behind := [room.wait_for(rev) for room, rev in opened if room.stream.position < rev]:
            await asyncio.gather(*behind)
        if not socket.open:
            return True
        # A room that the socket already holds keeps its first `rev`.
        fresh = {room_id: one for room_id, one in rooms.items() if room_id not in socket.rooms}
        if not (fresh or again):
            return True
        missed = {room_id: self._open(room_id, one).stream.since(one.rev) for room_id, one in fresh.items()}
        if any(events is None for events in missed.values()):
            return False
        texts = list(greeting)
        for room_id, one in fresh.items():
            room = self._rooms[room_id]
            room.add(socket)
            # Use the room's own int object, not an equal one: separate ones for 10,000 rooms take 0.3 MB per socket.
            socket.rooms[room.room_id] = one.rev
            texts += [event.text for event in missed[room_id] or ()]
        for batch in frame_batches(texts):
            socket.queue.offer_all(batch)
        return True

    def detach(self, socket: Socket, room_id: int) -> None:
        """Send `socket` no more events of the room, and close the room in the room's presence."""
        self._room_presence.leave(socket, room_id)
        if room := self._rooms.get(room_id):
            socket.let_go(room_id, room.slug)
            room.remove(socket)

    def detach_step(self, socket: Socket, room_ids: Iterable[int]) -> None:
        """`detach` for several rooms."""
        for room_id in room_ids:
            self.detach(socket, room_id)

    async def detach_all(self, socket: Socket) -> None:
        """Detach the socket from all its rooms, in steps of the event loop."""
        async for step in steps(socket.rooms):
            self.detach_step(socket, step)

    def _open(self, room_id: int, subscription: Subscription) -> LocalRoom:
        return self._rooms.open(room_id, subscription.slug, subscription.rev)
