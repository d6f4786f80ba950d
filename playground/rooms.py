"""What the servers with rooms have in common: typed frames, and rooms that exist while somebody is in them."""

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from playground.consumer import JsonTutorialConsumer, from_json
from playground.presence import Lease

ROOM_MAX_CHARS = 64
ROOMS_MAX = 50


class FieldMissingError(ValueError):
    """Raised when a frame lacks a field or has it in another type; the sender is answered with its text."""


class RoomsConsumer(JsonTutorialConsumer):
    """One client of a server whose frames are objects with a `type`, and who may be in rooms.

    A subclass names its handlers in `handlers`, and says in `client_left` what others are sent when a client leaves,
    which is also called for a client whose process was killed.
    """

    name: ClassVar[str]
    handlers: ClassVar[Mapping[str, str]]  # type of a frame -> name of the method that takes its fields
    lease: Lease | None = None

    async def enter(self, *facts: str) -> None:
        """Accept the socket of the client that `facts` identify, and watch over those of killed processes."""
        self.facts = facts
        self.rooms: dict[str, None] = {}
        await self.accept()
        self.lease = Lease(self.name, self.channel_name, vanished=self._vanished)
        await self.lease.take(*facts)

    async def client_left(self, facts: tuple[str, ...], rooms: tuple[str, ...]) -> None:
        """Called when a client has left, with what identifies it and the rooms it was in."""

    async def disconnect(self, _code: int) -> None:
        if self.lease is None:
            return
        await self.lease.give_up()
        for room in self.rooms:
            await self.channel_layer.group_discard(self._group(room), self.channel_name)
        await self.client_left(self.facts, tuple(self.rooms))

    async def hear(self, text: str) -> None:
        frame = from_json(text)
        if not isinstance(frame, dict):
            await self.refuse("A message is a JSON object")
            return
        kind = frame.get("type")
        handler = self.handlers.get(kind) if isinstance(kind, str) else None
        if handler is None:
            await self.refuse(f"Unknown message type: {kind}")
            return
        try:
            await getattr(self, handler)(frame)
        except FieldMissingError as error:
            await self.refuse(str(error))

    async def join(self, room: str) -> bool:
        """Whether the client is in the room now: no more than 50 rooms, with names of 1 to 64 characters."""
        if room in self.rooms:
            return True
        if len(self.rooms) >= ROOMS_MAX or not 0 < len(room) <= ROOM_MAX_CHARS:
            return False
        self.rooms[room] = None
        await self.channel_layer.group_add(self._group(room), self.channel_name)
        await self._note()
        return True

    async def leave(self, room: str) -> bool:
        """Whether the client was in the room."""
        if room not in self.rooms:
            return False
        del self.rooms[room]
        await self.channel_layer.group_discard(self._group(room), self.channel_name)
        await self._note()
        return True

    async def tell_room(self, room: str, text: str, *, besides: str = "") -> None:
        await self.publish(self._group(room), text, besides=besides)

    def _group(self, room: str) -> str:
        # Names of groups are of ASCII letters and at most 100 long; rooms have any name.
        return f"playground.{self.name}.{hashlib.sha256(room.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"

    async def _note(self) -> None:
        if self.lease:
            await self.lease.note(*self.facts, *self.rooms)

    async def _vanished(self, facts: tuple[str, ...], _left: int) -> None:
        mine = len(self.facts)
        await self.client_left(facts[:mine], facts[mine:])


def text_field(frame: dict[str, Any], name: str) -> str:
    """A field that must be text; raises FieldMissingError."""
    value = frame.get(name)
    if not isinstance(value, str):
        raise FieldMissingError(f"Field {name} is missing or no text")
    return value
