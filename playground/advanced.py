import json
import time
from typing import Any, ClassVar
from urllib.parse import parse_qs

import jwt

from playground.consumer import to_json
from playground.rooms import RoomsConsumer, text_field
from playground.tokens import decode, encode, key

ADMIN = "admin_"


class Advanced(RoomsConsumer):
    """Rooms, private messages and broadcasts for clients with a token that holds `user_id` and `username`."""

    name = "advanced"
    port = 8765
    groups = ["playground.advanced"]
    handlers = {
        "join_room": "join_room",
        "leave_room": "leave_room",
        "room_message": "room_message",
        "private_message": "private_message",
        "broadcast": "broadcast",
        "ping": "pong",
    }
    signing_key: ClassVar[bytes] = b""

    @classmethod
    def token(cls, username: str, user_id: str) -> str:
        """A token for `--token`."""
        return encode({"user_id": user_id, "username": username}, cls._key())

    async def connect(self) -> None:
        """Accept a client with a valid token; close others with 1008."""
        token = parse_qs(self.scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not token:
            await self._reject("Authentication required")
            return
        try:
            claims = decode(token, self._key(), require=["user_id", "username"])
        except jwt.InvalidTokenError as error:
            await self._reject(f"Invalid token: {error}")
            return
        if not isinstance(claims["user_id"], str | int):
            await self._reject("Invalid token: user_id is no text and no number")
            return
        # As JSON: in the guides, ids are numbers or strings.
        await self.enter(json.dumps(claims["user_id"]), str(claims["username"]))
        await self.channel_layer.group_add(self._group(self._inbox(self.user_id)), self.channel_name)
        await self.answer(type="authenticated", **self.person)

    async def disconnect(self, code: int) -> None:
        """Leave the client's own group."""
        if self.lease is not None:
            await self.channel_layer.group_discard(self._group(self._inbox(self.user_id)), self.channel_name)
        await super().disconnect(code)

    async def client_left(self, facts: tuple[str, ...], rooms: tuple[str, ...]) -> None:
        """Send `user_left` to the client's rooms."""
        for room in rooms:
            await self.send_to_room(room, to_json(type="user_left", room=room, **_person(facts)))

    async def join_room(self, frame: dict[str, Any]) -> None:
        """Handle `join_room`."""
        room = text_field(frame, "room")
        new = room not in self.rooms
        if not await self.join(room):
            await self.refuse("You are in too many rooms, or this is no name of one")
            return
        await self.answer(type="joined_room", room=room)
        if new:
            await self.send_to_room(
                room, to_json(type="user_joined", room=room, **self.person), besides=self.channel_name
            )

    async def leave_room(self, frame: dict[str, Any]) -> None:
        """Handle `leave_room`."""
        room = text_field(frame, "room")
        if await self.leave(room):
            await self.send_to_room(room, to_json(type="user_left", room=room, **self.person))

    async def room_message(self, frame: dict[str, Any]) -> None:
        """Send a message to a room that the client is in, and so also to the client itself."""
        room, text = text_field(frame, "room"), text_field(frame, "message")
        if room in self.rooms:
            fields = {"room": room, **self.person, "message": text, "timestamp": time.time()}
            await self.send_to_room(room, to_json(type="room_message", **fields))

    async def private_message(self, frame: dict[str, Any]) -> None:
        """Send a message to all sockets of one `user_id`."""
        to, text = frame.get("to"), text_field(frame, "message")
        if isinstance(to, bool) or not isinstance(to, str | int):
            await self.refuse("Field to is missing or no user_id")
            return
        await self.send_to_room(self._inbox(to), to_json(type="private_message", **self._sender(text)))

    async def broadcast(self, frame: dict[str, Any]) -> None:
        """Send a message to every client; only for ids that begin with `admin_`."""
        text = text_field(frame, "message")
        if not str(self.user_id).startswith(ADMIN):
            await self.refuse("No broadcast permission")
            return
        await self.send_to_all(to_json(type="broadcast", **self._sender(text)))

    async def pong(self, _frame: dict[str, Any]) -> None:
        """Answer a `ping`."""
        await self.answer(type="pong")

    @property
    def person(self) -> dict[str, Any]:
        """The client's `user_id` and `username`."""
        return _person(self.facts)

    @property
    def user_id(self) -> str | int:
        """The client's id."""
        user_id: str | int = self.person["user_id"]
        return user_id

    def _sender(self, text: str) -> dict[str, Any]:
        sender = {f"from_{name}": value for name, value in self.person.items()}
        return {**sender, "message": text, "timestamp": time.time()}

    async def _reject(self, why: str) -> None:
        await self.accept()
        await self.refuse(why)
        await self.close(1008)

    @staticmethod
    def _inbox(user_id: str | int) -> str:
        # Longer than any room's name, so that no client can join it.
        return f"{'inbox of ' * 8}{user_id}"

    @classmethod
    def _key(cls) -> bytes:
        return cls.signing_key or key(cls.name, None)


def _person(facts: tuple[str, ...]) -> dict[str, Any]:
    return {"user_id": json.loads(facts[0]), "username": facts[1]}
