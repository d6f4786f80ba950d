"""Rooms for clients with a token, which a `Doorkeeper` issues and checks: the project's accounts, or one name."""

import secrets
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qs

import jwt

from playground.consumer import timestamp, to_json
from playground.rooms import RoomsConsumer, text_field
from playground.tokens import decode, encode, key

PRIVATE = "private-"


class Doorkeeper(Protocol):
    """Issues tokens and knows their users."""

    async def sign_in(self, *, username: str, password: str, address: str | None) -> str | None:
        """A token for the user with this name and password, else None."""

    async def name_of(self, token: str) -> str | None:
        """The name of the user of a token, else None."""


class OneName:
    """A doorkeeper with one name and a random password, for a server that runs alone."""

    def __init__(self, secret: str | None = None) -> None:
        self.username = "demo"
        self.password = secrets.token_urlsafe(9)
        self._key = key("members", secret)

    async def sign_in(self, *, username: str, password: str, address: str | None) -> str | None:  # noqa: ARG002
        """A token for the one name, else None."""
        right = secrets.compare_digest(
            f"{username}\0{password}".encode("utf-8", "surrogatepass"), f"{self.username}\0{self.password}".encode()
        )
        return encode({"sub": self.username}, self._key) if right else None

    async def name_of(self, token: str) -> str | None:
        """The name of a valid token, else None."""
        try:
            return str(decode(token, self._key, require=["sub"])["sub"])
        except jwt.InvalidTokenError:
            return None


class Members(RoomsConsumer):
    """Rooms of signed-in users. Only NAME may join a room `private-NAME`."""

    name = "members"
    port = 8000
    path = r"^(?:ws)?/?$"
    handlers = {"join_room": "join_room", "leave_room": "leave_room", "room_message": "room_message"}
    doorkeeper: ClassVar[Doorkeeper]

    async def connect(self) -> None:
        """Accept a client with a valid token."""
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        person = await self.doorkeeper.name_of(query.get("token", [""])[0])
        if person is None:
            # Not accepted yet: the handshake is answered with 403.
            await self.close()
            return
        await self.enter(person)

    async def client_left(self, facts: tuple[str, ...], rooms: tuple[str, ...]) -> None:
        """Send `user_left` to the client's rooms."""
        for room in rooms:
            await self.send_to_room(room, to_json(type="user_left", user=facts[0], room=room))

    async def join_room(self, frame: dict[str, Any]) -> None:
        """Handle `join_room`."""
        room = text_field(frame, "room")
        new = room not in self.rooms
        allowed = not room.startswith(PRIVATE) or room == f"{PRIVATE}{self.person}"
        joined = allowed and await self.join(room)
        if joined and new:
            await self.send_to_room(
                room, to_json(type="user_joined", user=self.person, room=room), besides=self.channel_name
            )
        await self.answer(type="join_result", success=joined, room=room)

    async def leave_room(self, frame: dict[str, Any]) -> None:
        """Handle `leave_room`."""
        room = text_field(frame, "room")
        if await self.leave(room):
            await self.send_to_room(room, to_json(type="user_left", user=self.person, room=room))

    async def room_message(self, frame: dict[str, Any]) -> None:
        """Send a message to a room the client is in."""
        room, text = text_field(frame, "room"), text_field(frame, "text")
        if room not in self.rooms:
            await self.refuse("Join the room first")
            return
        await self.send_to_room(room, to_json(type="message", user=self.person, text=text, timestamp=timestamp()))

    @property
    def person(self) -> str:
        """The user's name."""
        return self.facts[0]
