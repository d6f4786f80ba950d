"""The rooms that somebody on this process listens to: each a feed and the sockets behind it."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

from chat import metrics
from chat.live import db
from chat.live.broker import Broker
from chat.live.occupancy import Occupancy
from chat.live.room_stream import RoomStream
from chat.live.send_queue import frame_batches
from chat.live.socket import Socket
from chat.live.steps import steps
from chat.models import Room
from chat.protocol.errors import ChatError, unavailable
from chat.queries.history import RESUME_CHANGES, Changes, changes_after
from chat.services.publishing import Publication

logger = logging.getLogger(__name__)

# A socket that joins waits so long for the feed to come to its snapshot.
REACH_SECONDS = 5.0
HEAL_RETRY_SECONDS = 0.5
_GROUP = "chat.room."


@dataclass(eq=False, slots=True)
class LocalRoom:
    """Delivers one room's events to this process' sockets: in order, from whatever side they come."""

    room_id: int
    # Never changes.
    slug: str
    stream: RoomStream
    # Whose sockets they are: of this one.
    process: str
    # A tuple of at most one, or a dictionary: of ten thousand rooms of a person most have only that person's socket.
    sockets: Collection[Socket] = ()
    idle: bool = False
    # Somebody waits for the next read: no patience for hints that may close the hole by themselves.
    _hurry: bool = False
    _healing: asyncio.Task[None] | None = None
    _reached: Sequence[tuple[int, asyncio.Future[None]]] = ()
    _occupancy: Occupancy | None = None

    @property
    def occupancy(self) -> Occupancy:
        """Made when it is first asked for: of ten thousand rooms few are ever open on a page."""
        if self._occupancy is None:
            self._occupancy = Occupancy(self.process)
        return self._occupancy

    @property
    def visited(self) -> bool:
        """The roster has been made."""
        return self._occupancy is not None

    def add(self, socket: Socket) -> None:
        if not self.sockets:
            self.sockets = (socket,)
        elif isinstance(self.sockets, dict):
            self.sockets[socket] = None
        else:
            self.sockets = dict.fromkeys((*self.sockets, socket))

    def remove(self, socket: Socket) -> None:
        if isinstance(self.sockets, dict):
            self.sockets.pop(socket, None)
        elif socket in self.sockets:
            self.sockets = ()

    def offer(self, events: Iterable[Publication]) -> None:
        """Take in events from a commit here or a hint from elsewhere."""
        self._deliver(self.stream.offer(events, _now()))

    def notice(self, head: int) -> None:
        """The database has come to `head`."""
        if head > self.stream.head or self.stream.behind:
            self.stream.notice(head, _now())
            self._watch()

    async def reach(self, rev: int) -> None:
        """Wait until the feed has come to `rev`, which the database is known to hold.

        Raises:
            ChatError: `unavailable` when it does not get there in time.
        """
        if self.stream.position >= rev:
            return
        reached = self._position_at(rev)
        self.stream.notice(rev, _now())
        self._hurry = True
        self._watch()
        try:
            await asyncio.wait_for(reached, REACH_SECONDS)
        except TimeoutError:
            raise unavailable() from None

    async def wait_beyond(self, rev: int) -> None:
        """Wait until the room has an event after `rev`, which may never come: the caller sets the time limit.

        Raises:
            ChatError: `unavailable` when this process stops or forgets its rooms.
        """
        if self.stream.position <= rev:
            await self._position_at(rev + 1)

    def _position_at(self, rev: int) -> asyncio.Future[None]:
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reached = [*self._reached, (rev, reached)]
        return reached

    def release(self) -> None:
        """Answer those who wait: this process stops, or what it knows of its rooms means nothing any more."""
        for _, reached in self._reached:
            if not reached.done():
                reached.set_exception(unavailable())

    def tell(self, text: str, *, but_user: int | None = None, but: Socket | None = None) -> None:
        """Offer what has no number, and may be lost, to the sockets here."""
        # Nobody joins or leaves in between: a socket that fails is closed in a task of its own. So also in `_deliver`.
        for socket in self.sockets:
            if socket is not but and socket.user_id != but_user:
                socket.queue.offer(text, ephemeral=True)

    @property
    def in_use(self) -> bool:
        if self.sockets:
            return True
        return bool(self.awaited) or (self.visited and self.occupancy.announced)

    @property
    def awaited(self) -> int:
        """How many callers wait in `reach` or `wait_beyond`."""
        return sum(not reached.done() for _, reached in self._reached)

    def stop(self) -> None:
        # Let go of before it ends: what ends by itself looks for the next hole.
        healing, self._healing = self._healing, None
        if healing:
            healing.cancel()

    def _deliver(self, ready: list[Publication]) -> None:
        if ready:
            for batch in frame_batches(event.text for event in ready):
                for socket in self.sockets:
                    socket.queue.offer_all(batch)
        if self._reached:
            self._wake()
        self._watch()

    def _wake(self) -> None:
        position = self.stream.position
        for rev, reached in self._reached:
            if rev <= position and not reached.done():
                reached.set_result(None)
        self._reached = [(rev, reached) for rev, reached in self._reached if not reached.done()]

    def _watch(self) -> None:
        if self.stream.behind and self._healing is None:
            metrics.GAPS.inc()
            seen = {"position": self.stream.position, "head": self.stream.head}
            logger.debug("gap in a room", extra={"room": self.room_id, **seen})
            # It concerns all sockets of the room, not the one in whose step it shows.
            self._healing = asyncio.get_running_loop().create_task(self._heal(), context=Context())

    async def _heal(self) -> None:
        """Read holes from the database that do not close by themselves, until there is none."""
        try:
            while (due := self.stream.heal_at) is not None:
                if not self._hurry and due > _now():
                    await asyncio.sleep(due - _now())
                    continue
                self._hurry = False
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
                self._deliver(self.stream.heal(found, changes.upto, changes.head, _now()))
                self._hurry |= not changes.complete
        except ChatError:
            await asyncio.sleep(HEAL_RETRY_SECONDS)
        except Exception:
            logger.exception("A hole in a room could not be healed yet.")
            await asyncio.sleep(HEAL_RETRY_SECONDS)
        finally:
            if self._healing is asyncio.current_task():
                self._healing = None
                self._watch()


class LocalRooms(dict[int, LocalRoom]):
    """The rooms here, by id; each is a group of the broker for as long as it is here."""

    def __init__(self, process: str, broker: Broker) -> None:
        super().__init__()
        self._process = process
        self._broker = broker
        self._by_slug: dict[str, LocalRoom] = {}

    def held(self, socket: Socket, slug: str) -> LocalRoom | None:
        """The room of this slug, if the socket holds it."""
        room = self._by_slug.get(slug)
        return room if room and room.room_id in socket.rooms else None

    def open(self, room_id: int, slug: str, rev: int) -> LocalRoom:
        """The room; with a feed that starts at `rev` when nobody here held it."""
        room = self.get(room_id)
        if room is None:
            room = self[room_id] = self._by_slug[slug] = LocalRoom(room_id, slug, RoomStream(rev), self._process)
            self._broker.listen(group_of(room_id))
        room.idle = False
        return room

    def notice(self, heads: Mapping[int, int]) -> None:
        """The database has come to these numbers."""
        for room_id, head in heads.items():
            if room := self.get(room_id):
                room.notice(head)

    async def notice_all(self, heads: Mapping[int, int]) -> None:
        """The same, of very many rooms."""
        async for step in steps(heads.items()):
            self.notice(dict(step))

    def forget(self) -> None:
        """Let go of all rooms: their numbers mean nothing any more."""
        for room_id, room in self.items():
            room.stop()
            room.release()
            self._broker.unlisten(group_of(room_id))
        self.clear()
        self._by_slug.clear()

    async def close_idle(self) -> None:
        """Let go of the rooms that nobody has held since this was last called."""
        async for step in steps(self.values()):
            for room in step:
                self._close_if_idle(room)

    def _close_if_idle(self, room: LocalRoom) -> None:
        if room.in_use or not room.idle:
            room.idle = not room.in_use
        elif self.get(room.room_id) is room:
            room.stop()
            del self[room.room_id], self._by_slug[room.slug]
            self._broker.unlisten(group_of(room.room_id))


def group_of(room_id: int) -> str:
    """The channel-layer group of a room."""
    return f"{_GROUP}{room_id}"


def room_of(group: str) -> int | None:
    """The room whose group it is, if it is one of a room."""
    return int(group.removeprefix(_GROUP)) if group.startswith(_GROUP) else None


def _missing(room_id: int, position: int, head: int) -> Changes:
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        return Changes([], head, head)
    return changes_after(room, position, limit=RESUME_CHANGES)


def _now() -> float:
    return asyncio.get_running_loop().time()
