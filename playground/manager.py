from typing import Any

from playground.consumer import to_json
from playground.rooms import RoomsConsumer, text_field


class Manager(RoomsConsumer):
    """A connection manager: each client has an id in its path, and sends to all others and to rooms."""

    name = "manager"
    port = 8000
    groups = ["playground.manager"]
    # The guide's clients connect to /ws/<client_id>.
    path = r"^(?:ws/)?(?!ws/?$)(?P<client_id>[^/]{1,300})/?$"
    handlers = {"chat": "chat", "join_room": "join_room", "room_message": "room_message"}

    async def connect(self) -> None:
        """Accept the client with the id of its path."""
        await self.enter(self.scope["url_route"]["kwargs"]["client_id"])

    async def client_left(self, facts: tuple[str, ...], _rooms: tuple[str, ...]) -> None:
        """Send `user_disconnected` to all."""
        # To all: the client that left may be another one, whose process was killed.
        await self.send_to_all(to_json(type="user_disconnected", client_id=facts[0]))

    async def chat(self, frame: dict[str, Any]) -> None:
        """Send a message to all others."""
        await self.send_to_others(to_json(type="chat", client_id=self.client_id, message=text_field(frame, "text")))

    async def join_room(self, frame: dict[str, Any]) -> None:
        """Join a room, and announce it there."""
        room = text_field(frame, "room")
        if await self.join(room):
            await self.send_to_room(room, to_json(type="user_joined", client_id=self.client_id))
        else:
            await self.refuse("You are in too many rooms, or this is no name of one")

    async def room_message(self, frame: dict[str, Any]) -> None:
        """Send a message to a room."""
        room, text = text_field(frame, "room"), text_field(frame, "text")
        await self.send_to_room(room, to_json(type="room_message", client_id=self.client_id, message=text))

    @property
    def client_id(self) -> str:
        """The id from the client's path."""
        return self.facts[0]
