"""The commands of a client beside sending: what is asked, and the type of the answer."""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from chatclient.errors import NotAChatServer
from chatclient.events import Ack, Event, History, JoinedRoom, LeftRoom, Users
from chatclient.frames import JSONObject

Answer = TypeVar("Answer", bound=Event)


class Commands(ABC):
    """Each waits for its answer, and raises `CommandRefused` if that is a no.

    A command whose answer was lost with the connection raises `AnswerLost`, but for those that may be asked twice.
    """

    @abstractmethod
    async def _ask(self, command: JSONObject, *, repeat: bool = False) -> Event:
        """Send a command and wait for its answer; `repeat` when it may be asked again after a reconnect."""

    @abstractmethod
    def _tell(self, command: JSONObject, *, key: str, keep: bool) -> None:
        """Send what has no answer; the newest under `key` counts, and `keep` says whether it outlives a connection."""

    @abstractmethod
    def _room(self, room: str | None) -> str:
        """The room that is meant: the one named, or the client's own."""

    async def edit(self, seq: int, text: str, *, room: str | None = None) -> Ack:
        """Replace the text of a message."""
        return await self._answer(Ack, {"type": "edit_message", "seq": seq, "message": text}, room)

    async def delete(self, seq: int, *, room: str | None = None) -> Ack:
        """Take the text of a message away; its place stays."""
        return await self._answer(Ack, {"type": "delete_message", "seq": seq}, room)

    async def react(self, seq: int, emoji: str, *, on: bool = True, room: str | None = None) -> Ack:
        """Put an emoji to a message, or take it back."""
        return await self._answer(Ack, {"type": "react", "seq": seq, "emoji": emoji, "on": on}, room, repeat=True)

    def typing(self, is_typing: bool = True, *, room: str | None = None) -> None:
        """Tell the others that you type. It is worth nothing later, so without a connection nothing happens."""
        name = self._room(room)
        self._tell({"type": "typing", "room": name, "is_typing": is_typing}, key=f"typing {name}", keep=False)

    def read(self, seq: int, *, room: str | None = None) -> None:
        """Say that you have read up to `seq`; it reaches the server with the next connection at the latest."""
        name = self._room(room)
        self._tell({"type": "read", "room": name, "seq": seq}, key=f"read {name}", keep=True)

    def mark_unread(self, seq: int, *, room: str | None = None) -> None:
        """Take back having read `seq` and what follows it; it takes the place of a `read` that waits."""
        name = self._room(room)
        self._tell({"type": "mark_unread", "room": name, "seq": seq}, key=f"read {name}", keep=True)

    async def history(
        self,
        *,
        room: str | None = None,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int | None = None,
    ) -> History:
        """A page of messages: the newest, or those around a `seq`."""
        bounds = {"before": before, "after": after, "around": around, "limit": limit}
        command = {"type": "history"} | {name: value for name, value in bounds.items() if value is not None}
        return await self._answer(History, command, room, repeat=True)

    async def join(self, room: str) -> JoinedRoom:
        """Enter a room; its events follow."""
        return await self._answer(JoinedRoom, {"type": "join_room"}, room, repeat=True)

    async def leave(self, room: str) -> LeftRoom:
        """Leave a room for good; its events end."""
        return await self._answer(LeftRoom, {"type": "leave_room"}, room, repeat=True)

    async def users(self, *, room: str | None = None) -> Users:
        """The people of a room."""
        return await self._answer(Users, {"type": "command", "command": "users"}, room, repeat=True)

    async def command(self, name: str, *, room: str | None = None, **arguments: Any) -> Ack:
        """A moderator's command: `clear`, `kick`, `ban`, `unban`, `mute`, `unmute`, `topic`, with its arguments."""
        return await self._answer(Ack, {"type": "command", "command": name, **arguments}, room)

    async def broadcast(self, text: str) -> Ack:
        """Tell everybody (staff only)."""
        return self._typed(Ack, await self._ask({"type": "broadcast", "message": text}))

    async def _answer(
        self, kind: type[Answer], command: JSONObject, room: str | None, *, repeat: bool = False
    ) -> Answer:
        return self._typed(kind, await self._ask({**command, "room": self._room(room)}, repeat=repeat))

    @staticmethod
    def _typed(kind: type[Answer], event: Event) -> Answer:
        if not isinstance(event, kind):
            raise NotAChatServer(f"The server answered with {event.type!r} instead of {kind.__name__!r}.")
        return event
