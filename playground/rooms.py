"""The base class of the servers with rooms: frames with a `type`, and rooms that exist while a client is in them."""

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from playground.consumer import JsonTutorialConsumer, from_json
from playground.presence import Lease

ROOM_MAX_CHARS = 64
ROOMS_MAX = 50


class FieldMissingError(ValueError):
    """Raised when a field of a frame is missing or of another type; its text is sent to the client."""


class RoomsConsumer(JsonTutorialConsumer):
    """One client of a server whose frames are objects with a `type`, and which has rooms.

    A subclass lists its handlers in `handlers`, and sends in `client_left` what others get when a client leaves; it is
    also called for a client whose process was killed.
    """

    name: ClassVar[str]
    handlers: ClassVar[Mapping[str, str]]  # type of a frame -> name of the method that takes its fields
    lease: Lease | None = None

    async def enter(self, *facts: str) -> None:
        """Accept the client, which `facts` identify, and watch for clients of killed processes."""
        self.facts = facts
        self.rooms: dict[str, None] = {}
        await self.accept()
        self.lease = Lease(self.name, self.channel_name, vanished=self._vanished)
        await self.lease.acquire(*facts)

    async def client_left(self, facts: tuple[str, ...], rooms: tuple[str, ...]) -> None:
        """Called when a client has left, with the facts that identify it and its rooms."""

    async def disconnect(self, _code: int) -> None:
        """Leave the rooms, and call `client_left`."""
        if self.lease is None:
            return
        await self.lease.release()
        for room in self.rooms:
            await self.channel_layer.group_discard(self._group(room), self.channel_name)
        await self.client_left(self.facts, tuple(self.rooms))

    async def on_text(self, text: str) -> None:
        """Call the handler of a frame."""
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
        """Join a room; False when the client is in ROOMS_MAX rooms, or the name is empty or too long."""
        if room in self.rooms:
            return True
        if len(self.rooms) >= ROOMS_MAX or not 0 < len(room) <= ROOM_MAX_CHARS:
            return False
        self.rooms[room] = None
        await self.channel_layer.group_add(self._group(room), self.channel_name)
        await self._note()
        return True

    async def leave(self, room: str) -> bool:
        """Leave a room; returns whether the client was in it."""
        if room not in self.rooms:
            return False
        del self.rooms[room]
        await self.channel_layer.group_discard(self._group(room), self.channel_name)
        await self._note()
        return True

    async def send_to_room(self, room: str, text: str, *, besides: str = "") -> None:
        """Send a text to the clients of a room."""
        await self.publish(self._group(room), text, besides=besides)

    def _group(self, room: str) -> str:
        # Group names have at most 100 ASCII characters; rooms may have any name.
        return f"playground.{self.name}.{hashlib.sha256(room.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"

    async def _note(self) -> None:
        if self.lease:
            await self.lease.update(*self.facts, *self.rooms)

    async def _vanished(self, facts: tuple[str, ...], _left: int) -> None:
        mine = len(self.facts)
        await self.client_left(facts[:mine], facts[mine:])


def text_field(frame: dict[str, Any], name: str) -> str:
    """Return a field of a frame.

    Raises:
        FieldMissingError: when it is missing or no text.
    """
    value = frame.get(name)
    if not isinstance(value, str):
        raise FieldMissingError(f"Field {name} is missing or no text")
    return value
