"""The rooms that sockets of this process hold: each room has a stream and its sockets."""

import asyncio
import logging
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

from chat import metrics
from chat.lib.prepared_queries import PreparedQuery, numbers
from chat.live import db
from chat.live.broker import Broker
from chat.live.occupancy import Occupancy
from chat.live.room_stream import RoomStream
from chat.live.send_queue import frame_batches
from chat.live.socket import Socket
from chat.live.steps import steps
from chat.models import Room
from chat.protocol.errors import ChatError, unavailable
from chat.protocol.events import Message, Read
from chat.queries.history import RESUME_CHANGES, Changes, changes_after
from chat.queries.imports import read_beyond
from chat.services.publishing import Publication

logger = logging.getLogger(__name__)

# Seconds a joining socket waits for the room's stream to reach its snapshot.
WAIT_SECONDS = 5.0
RECOVERY_RETRY_SECONDS = 0.5
_GROUP = "chat.room."


@dataclass(eq=False, slots=True)
class LocalRoom:
    """Delivers one room's events to this process' sockets, in order, from commits, notifications and reads."""

    room_id: int
    # Never changes.
    slug: str
    stream: RoomStream
    # The name of this process, for the occupancy.
    process: str
    # A tuple of at most one, or a dictionary: most of one user's ten thousand rooms have only that user's socket.
    sockets: Collection[Socket] = ()
    idle: bool = False
    # A socket waits for the next read: do not give notifications GAP_PATIENCE_SECONDS to close the gap.
    _recover_now: bool = False
    _recovery: asyncio.Task[None] | None = None
    _waiters: Sequence[tuple[int, asyncio.Future[None]]] = ()
    _occupancy: Occupancy | None = None

    @property
    def occupancy(self) -> Occupancy:
        """Allocated on first use: few of ten thousand rooms are ever open on a page."""
        if self._occupancy is None:
            self._occupancy = Occupancy(self.process)
        return self._occupancy

    @property
    def has_occupancy(self) -> bool:
        """Whether `occupancy` has been allocated."""
        return self._occupancy is not None

    def add(self, socket: Socket) -> None:
        """Deliver the room's events to `socket` from now on."""
        if not self.sockets:
            self.sockets = (socket,)
        elif isinstance(self.sockets, dict):
            self.sockets[socket] = None
        else:
            self.sockets = dict.fromkeys((*self.sockets, socket))

    def remove(self, socket: Socket) -> None:
        """Deliver nothing more to `socket`."""
        if isinstance(self.sockets, dict):
            self.sockets.pop(socket, None)
        elif socket in self.sockets:
            self.sockets = ()

    def offer(self, events: Iterable[Publication]) -> None:
        """Accept events of a commit here or a notification of another process, and deliver those that are in order."""
        self._deliver(self.stream.offer(events, _now()))

    def advance_head(self, head: int) -> None:
        """Record that the database holds `head`, and read what is missing up to it."""
        if head > self.stream.head or self.stream.behind:
            self.stream.advance_head(head, _now())
            self._watch()

    async def wait_for(self, rev: int) -> None:
        """Wait until the stream has reached `rev`, which the database is known to hold.

        Raises:
            ChatError: `unavailable` after WAIT_SECONDS.
        """
        if self.stream.position >= rev:
            return
        reached = self._position_at(rev)
        self.stream.advance_head(rev, _now())
        self._recover_now = True
        self._watch()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await reached
        except TimeoutError:
            raise unavailable() from None

    async def wait_beyond(self, rev: int) -> None:
        """Wait until the stream has an event after `rev`, which may never arrive: the caller sets the time limit.

        Raises:
            ChatError: `unavailable` when this process stops or closes its rooms.
        """
        if self.stream.position <= rev:
            await self._position_at(rev + 1)

    def _position_at(self, rev: int) -> asyncio.Future[None]:
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Drop the waiters that timed out or whose caller disconnected: a silent room has no event that would drop them.
        self._waiters = [*(one for one in self._waiters if not one[1].done()), (rev, reached)]
        return reached

    def release(self) -> None:
        """End the waits with `unavailable`: this process stops, or the numbers of its rooms are void."""
        for _, reached in self._waiters:
            if not reached.done():
                reached.set_exception(unavailable())

    def send_ephemeral(self, text: str, *, but_user: int | None = None, but: Socket | None = None) -> None:
        """Offer an encoded event without a number, which may be lost, to the sockets here."""
        # `sockets` does not change during the loop, here and in `_deliver`: a failing socket is closed in another task.
        for socket in self.sockets:
            if socket is not but and socket.user_id != but_user:
                socket.queue.offer(text, ephemeral=True)

    @property
    def in_use(self) -> bool:
        """Whether the room has sockets, waiters, or an occupancy that other processes know of."""
        if self.sockets:
            return True
        return bool(self.awaited) or (self.has_occupancy and self.occupancy.announced)

    @property
    def awaited(self) -> int:
        """The number of callers in `wait_for` and `wait_beyond`."""
        return sum(not reached.done() for _, reached in self._waiters)

    def stop(self) -> None:
        """Cancel a running recovery."""
        # Cleared first: a recovery that ends on its own starts the next one.
        recovery, self._recovery = self._recovery, None
        if recovery:
            recovery.cancel()

    def _deliver(self, ready: list[Publication]) -> None:
        if ready:
            for batch in frame_batches(event.text for event in ready):
                for socket in self.sockets:
                    socket.queue.offer_all(batch)
        if self._waiters:
            self._wake()
        self._watch()

    def _wake(self) -> None:
        position = self.stream.position
        for rev, reached in self._waiters:
            if rev <= position and not reached.done():
                reached.set_result(None)
        self._waiters = [(rev, reached) for rev, reached in self._waiters if not reached.done()]

    def _watch(self) -> None:
        if self.stream.behind and self._recovery is None:
            metrics.GAPS.inc()
            seen = {"position": self.stream.position, "head": self.stream.head}
            logger.debug("gap in a room", extra={"room": self.room_id, **seen})
            # In an empty context: the recovery serves all sockets of the room, and must not log the ids of one.
            self._recovery = asyncio.get_running_loop().create_task(self._recover(), context=Context())

    async def _recover(self) -> None:
        """Read gaps that notifications did not close from the database, until there is none."""
        try:
            while (due := self.stream.recover_at) is not None:
                if not self._recover_now and due > _now():
                    await asyncio.sleep(due - _now())
                    continue
                self._recover_now = False
                changes = await db.run(_missing, self.room_id, self.stream.position, self.stream.head)
                found = [Publication(self.room_id, event.rev, event.encode()) for event in changes.events]
                metrics.HEALS.inc()
                metrics.HEALED.inc(len(found))
                facts = {
                    "room": self.room_id,
                    "position": self.stream.position,
                    "upto": changes.upto,
                    "events": len(found),
                }
                logger.info("room healed", extra=facts)
                self._deliver(self.stream.recover(found, changes.upto, changes.head, _now()))
                if imported := [event.seq for event in changes.events if isinstance(event, Message) and event.imported]:
                    await self._send_marks(max(imported))
                self._recover_now |= not changes.complete
        except ChatError:
            await asyncio.sleep(RECOVERY_RETRY_SECONDS)
        except Exception:
            logger.exception("The recovery of a gap in a room failed; it is retried.")
            await asyncio.sleep(RECOVERY_RETRY_SECONDS)
        finally:
            if self._recovery is asyncio.current_task():
                self._recovery = None
                self._watch()

    async def _send_marks(self, seq: int) -> None:
        """Send `read` to users whose read mark passed this imported message during the import: the import runs in a
        process without sockets, and moves the marks of users who had read everything before it."""
        marks = await db.run(read_beyond, self.room_id, seq)
        for socket in tuple(self.sockets):
            if read := marks.get(socket.user_id):
                socket.send(Read(room=self.slug, seq=read))


class LocalRooms(dict[int, LocalRoom]):
    """The rooms this process holds, by id. The broker is in the group of each of them."""

    def __init__(self, process: str, broker: Broker) -> None:
        super().__init__()
        self._process = process
        self._broker = broker
        self._by_slug: dict[str, LocalRoom] = {}
        # The number of rooms this process has begun to hold, including those closed since.
        self.opened = 0

    @property
    def slugs(self) -> Container[str]:
        """The slugs of these rooms."""
        return self._by_slug

    def held(self, socket: Socket, slug: str) -> LocalRoom | None:
        """The room with this slug, if the socket holds it."""
        room = self._by_slug.get(slug)
        return room if room and room.room_id in socket.rooms else None

    def open(self, room_id: int, slug: str, rev: int) -> LocalRoom:
        """Return the room; with a new stream that starts at `rev` if this process did not hold it."""
        room = self.get(room_id)
        if room is None:
            room = self[room_id] = self._by_slug[slug] = LocalRoom(room_id, slug, RoomStream(rev), self._process)
            self.opened += 1
            self._broker.listen(group_of(room_id))
        room.idle = False
        return room

    def advance_heads(self, heads: Mapping[int, int]) -> None:
        """Record that the database holds these numbers (room id -> `rev`)."""
        for room_id, head in heads.items():
            if room := self.get(room_id):
                room.advance_head(head)

    async def advance_all_heads(self, heads: Mapping[int, int]) -> None:
        """`advance_heads` for any number of rooms, in steps of the event loop."""
        async for step in steps(heads.items()):
            self.advance_heads(dict(step))

    def forget(self) -> None:
        """Close all rooms: after a restored backup their numbers are void."""
        for room_id, room in self.items():
            room.stop()
            room.release()
            self._broker.unlisten(group_of(room_id))
        self.clear()
        self._by_slug.clear()

    async def close_idle(self) -> None:
        """Close the rooms that no socket has held since the last call."""
        async for step in steps(self.values()):
            for room in step:
                self._close_if_idle(room)

    def _close_if_idle(self, room: LocalRoom) -> None:
        if room.in_use or not room.idle:
            room.idle = not room.in_use
        elif self.get(room.room_id) is room:
            room.stop()
            del self[room.room_id]
            # A deleted room frees its slug for another room, which this process may hold by now.
            if self._by_slug.get(room.slug) is room:
                del self._by_slug[room.slug]
            self._broker.unlisten(group_of(room.room_id))


def group_of(room_id: int) -> str:
    """The channel-layer group of a room."""
    return f"{_GROUP}{room_id}"


def room_of(group: str) -> int | None:
    """The id of the room of a channel-layer group; None for any other group."""
    return int(group.removeprefix(_GROUP)) if group.startswith(_GROUP) else None


# When two processes post into a room, each has a gap whenever the other's notification is late.
_ROOM = PreparedQuery(lambda room_id: Room.objects.filter(pk=room_id), numbers(0))


def _missing(room_id: int, position: int, head: int) -> Changes:
    room = _ROOM.first(room_id)
    if room is None:
        return Changes([], head, head)
    return changes_after(room, position, limit=RESUME_CHANGES)


def _now() -> float:
    return asyncio.get_running_loop().time()
