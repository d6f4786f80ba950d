"""For tests of programs that use the client: events without a server, and a fake client.

async def test_the_bot_tells_the_time():
    client = FakeClient()
    client.receive(message("!time"))
    client.end()
    await run_bot(client)
    assert client.sent == [("Time for tea", "lobby", 1)]
"""

import os
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from msgspec.structs import replace

from chatclient.commands import Commands
from chatclient.errors import ChatError, ClientClosed
from chatclient.events import Ack, Authenticated, Event, Message
from chatclient.frames import JSONObject
from chatclient.posts import posts
from chatclient.uploads import Progress

_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class Sent(NamedTuple):
    """A message that the program sent."""

    text: str
    room: str | None
    reply_to: int | None


def message(text: str = "hello", *, seq: int = 1, username: str = "alice", user_id: int = 1, **fields: Any) -> Message:
    """A newly posted message with default values; `fields` are those of `Message`."""
    made = Message(
        room="lobby",
        seq=seq,
        rev=seq,
        text=text,
        username=username,
        user_id=user_id,
        display_name=username.title(),
        timestamp=_MOMENT,
        posted=True,
    )
    return replace(made, **fields)


class FakeClient(Commands):
    """Stands in for `ChatClient`: it returns the events given to `receive`, and keeps sent messages in `sent`.

    Other commands are kept in `asked` and answered with the value of `answers` for their type: an event, or an
    exception to raise.
    """

    def __init__(self, *, username: str = "bot", room: str | None = "lobby") -> None:
        self.me = Authenticated(user_id=0, username=username, display_name=username, epoch="")
        self.sent: list[Sent] = []
        # For each `send`: the message in whose thread it replies, or None.
        self.sent_in_threads: list[int | None] = []
        self.files: list[str] = []
        self.asked: list[JSONObject] = []
        self.answers: dict[str, Event | ChatError] = {}
        self._in_room = room
        self._events: deque[Event] = deque()
        self._ended = False

    def receive(self, *events: Event) -> None:
        """Let the program read these events."""
        self._events.extend(events)

    def end(self) -> None:
        """End the program's loop over the events after the last."""
        self._ended = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._events:
            return self._events.popleft()
        if self._ended:
            raise StopAsyncIteration
        raise ClientClosed("There are no more events: call end() to let the loop end.")

    def posts(self, *, own: bool = False) -> AsyncIterator[Message]:
        """As `ChatClient.posts`."""
        return posts(self, own=own)

    async def send(
        self,
        text: str,
        room: str | None = None,
        reply_to: int | None = None,
        *,
        client_id: str | None = None,
        files: Sequence[str | os.PathLike[str]] = (),
        progress: Progress = lambda _done, _all: None,  # noqa: ARG002 -- nothing is uploaded
        thread: int | None = None,
        in_room: bool = False,  # noqa: ARG002 -- not kept
    ) -> Ack:
        """As `ChatClient.send`: kept in `sent`, the paths of files in `files`."""
        self.sent.append(Sent(text, self._room(room), reply_to))
        self.sent_in_threads.append(thread)
        self.files.extend(os.fspath(path) for path in files)
        return self._acknowledged(client_id)

    async def private_message(self, to: str, text: str, *, client_id: str | None = None) -> Ack:
        """As `ChatClient.private_message`: kept in `sent`."""
        self.sent.append(Sent(text, f"@{to}", None))
        return self._acknowledged(client_id)

    async def _ask(self, command: JSONObject, *, repeat: bool = False) -> Event:  # noqa: ARG002
        self.asked.append(command)
        answer = self.answers.get(str(command["type"])) or self._acknowledged(None)
        if isinstance(answer, ChatError):
            raise answer
        return answer

    def _tell(self, command: JSONObject, *, key: str, keep: bool) -> None:  # noqa: ARG002
        self.asked.append(command)

    def _room(self, room: str | None) -> str:
        return room or self._in_room or "lobby"

    def _acknowledged(self, client_id: str | None) -> Ack:
        number = len(self.sent)
        return Ack(
            client_id=client_id,
            room=self._in_room or "lobby",
            seq=number,
            rev=number,
            timestamp=_MOMENT,
        )
