"""Which socket holds which room: every change of the room after some number comes to the socket."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from chat.live.room_presence import RoomPresence
from chat.live.rooms import LocalRoom, LocalRooms
from chat.live.send_queue import frame_batches
from chat.live.socket import Socket, Subscription
from chat.live.steps import steps


class Subscriptions:
    def __init__(self, rooms: LocalRooms, room_presence: RoomPresence) -> None:
        self._rooms = rooms
        self._room_presence = room_presence

    async def attach(
        self, socket: Socket, rooms: Mapping[int, Subscription], greeting: Sequence[str], *, again: bool = True
    ) -> bool:
        """Let `socket` hold `rooms` (by id) from the numbers that its snapshot of them was read at.

        The greeting (encoded events), what came since the snapshot, and every later event follow each other without a
        gap: nothing is awaited between the look at the recent events and the registration. Without `again`, a socket
        that holds them all already is not greeted. False, and nothing done, when the recent events do not reach back to
        the snapshot: read it again.

        Raises:
            ChatError: `unavailable` when the database does not bring a room's stream up to the snapshot.
        """
        opened = [(self._open(room_id, one), one.rev) for room_id, one in rooms.items()]
        if behind := [room.reach(rev) for room, rev in opened if room.stream.position < rev]:
            await asyncio.gather(*behind)
        if not socket.open:
            return True
        # What the socket holds already goes on from where it began.
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
            # The room's own number object, not an equal one: of ten thousand rooms they take 0.3 MB a socket.
            socket.rooms[room.room_id] = one.rev
            texts += [event.text for event in missed[room_id] or ()]
        for batch in frame_batches(texts):
            socket.queue.offer_all(batch)
        return True

    def detach(self, socket: Socket, room_id: int) -> None:
        self._room_presence.leave(socket, room_id)
        if room := self._rooms.get(room_id):
            socket.let_go(room_id, room.slug)
            room.remove(socket)

    def detach_step(self, socket: Socket, room_ids: Iterable[int]) -> None:
        for room_id in room_ids:
            self.detach(socket, room_id)

    async def detach_all(self, socket: Socket) -> None:
        """From all its rooms, with a turn of the event loop now and then."""
        async for step in steps(socket.rooms):
            self.detach_step(socket, step)

    def _open(self, room_id: int, subscription: Subscription) -> LocalRoom:
        return self._rooms.open(room_id, subscription.slug, subscription.rev)
