"""The wire as a third-party client sees it: frames over the bare library, and a server prepared for many tests."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from support.servers import PYTHON, Server

Frame = dict[str, Any]

SERVE = [PYTHON, "manage.py", "serve", "--port", "{port}"]
UVICORN = [
    *(PYTHON, "-m", "uvicorn", "--log-level", "warning", "--lifespan", "off", "--port", "{port}"),
    *("--ws", "chat.uvicorn:SocketProtocol", "your_project.asgi:application"),
]
NO_LIMITS = {"CHAT_SEND_LIMIT": "0", "CHAT_CONNECT_LIMIT": "0", "CHAT_SOCKETS_PER_USER": "0"}
# No answer takes longer: a test that waits longer has failed.
PATIENCE_SECONDS = 10.0

_SEED = """
import json
from accounts.models import User
from chat.models import Participant
from chat.services.tokens import token_issue
from chat.models import Membership, Room
tokens = {}
for name in ("ada", "bob", "carl", "dora", "eve", "fay", "ida"):
    login = User.objects.create(username=name, is_staff=name == "ada", is_superuser=name == "ada")
    user = login.participant
    tokens[name] = token_issue(user=user, name="test")[1]
users = {user.username: user for user in Participant.objects.all()}
for n in range(60):
    room = Room.objects.create(slug=f"public-{n}", title=f"Public {n}")
    Membership.objects.create(room=room, user=users["bob"], role="owner")
    Membership.objects.create(room=room, user=users["carl"])
    room = Room.objects.create(slug=f"private-{n}", kind="private")
    Membership.objects.create(room=room, user=users["bob"], role="owner")
    Membership.objects.create(room=room, user=users["carl"])
Membership.objects.create(room=Room.objects.get(slug="public-0"), user=users["ida"])
print(json.dumps(tokens))
"""


class Place:
    """A server with people and many empty rooms.

    Ada is staff; Bob owns each room, Carl is in each, Ida in one, the others in none.
    """

    def __init__(self, *servers: Server) -> None:
        self.servers = servers
        self.tokens: dict[str, str] = json.loads(servers[0].manage("shell", "-v0", "-c", _SEED).splitlines()[-1])
        # The first room is Ida's.
        self._public: Iterator[int] = itertools.count(1)
        self._private: Iterator[int] = itertools.count()

    def public(self) -> str:
        """A public room in which nothing has happened yet."""
        return f"public-{next(self._public)}"

    def private(self) -> str:
        return f"private-{next(self._private)}"

    def run(self, code: str) -> str:
        """Run Python in another process on the server's database, as an operator's command does."""
        return self.servers[0].manage("shell", "-v0", "-c", code)

    @asynccontextmanager
    async def dial(
        self, name: str, path: str = "/ws/chat/", *, subprotocols: tuple[str, ...] = (), at: int = 0
    ) -> AsyncGenerator["Wire"]:
        """A socket that nothing has been read from yet."""
        async with connect(
            self.servers[at].ws_url + path,
            additional_headers={"Authorization": f"Bearer {self.tokens.get(name, name)}"} if name else {},
            subprotocols=[Subprotocol(one) for one in subprotocols] or None,
            max_size=None,
            max_queue=None,  # A test that reads late must not hold up its own close.
        ) as connection:
            yield Wire(connection)

    @asynccontextmanager
    async def enter(self, name: str, room: str = "", *, batch: bool = False, at: int = 0) -> AsyncGenerator["Wire"]:
        """A socket after its greeting: of one room, or of all the person's rooms."""
        path = f"/ws/chat/{room}/" if room else "/ws/chat/"
        async with self.dial(name, path, subprotocols=("chat.v1.batch",) if batch else (), at=at) as wire:
            wire.hello = await wire.next("authenticated")
            wire.first = await wire.next("history" if room else "rooms")
            yield wire


class Wire:
    """One socket: frames out, events in, one by one with any subprotocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.hello: Frame = {}
        self.first: Frame = {}
        # All received events, in order.
        self.heard: list[Frame] = []
        self._waiting: list[Frame] = []
        self._numbers = itertools.count(1)

    async def send(self, kind: str, **fields: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **fields}))

    async def command(self, name: str, **fields: Any) -> Frame:
        """Send a `command` and wait for its answer."""
        return await self.ask("command", command=name, **fields)

    async def say(self, room: str, text: str, **fields: Any) -> Frame:
        """Post a message; returns its `ack`."""
        return await self.do("chat_message", room=room, message=text, **fields)

    async def do(self, kind: str, **fields: Any) -> Frame:
        """Send a frame whose answer is an `ack`."""
        answer = await self.ask(kind, **fields)
        assert answer["type"] == "ack", answer
        return answer

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """Send a frame and wait for what answers it."""
        request_id = f"q{next(self._numbers)}"
        await self.send(kind, request_id=request_id, **fields)
        while True:
            event = await self.receive()
            if event.get("request_id") == request_id:
                return event

    async def receive(self) -> Frame:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._waiting:
                told = json.loads(await self.connection.recv())
                self._waiting = told if isinstance(told, list) else [told]
        event = self._waiting.pop(0)
        self.heard.append(event)
        return event

    async def next(self, kind: str, /, **fields: Any) -> Frame:
        """The next event of a kind (and with these fields), past all others."""
        while True:
            event = await self.receive()
            if event["type"] == kind and fields.items() <= event.items():
                return event

    async def hears(self, kind: str, /, **fields: Any) -> Frame:
        """An event of a kind (and with these fields): one that came already, or the next one."""
        for event in self.heard:
            if event["type"] == kind and fields.items() <= event.items():
                return event
        return await self.next(kind, **fields)

    async def collect(self, kind: str, count: int) -> list[Frame]:
        """The first `count` events of a kind: those that came already, and those still to come."""
        found = [event for event in self.heard if event["type"] == kind]
        while len(found) < count:
            found.append(await self.next(kind))
        return found[:count]

    async def rest(self) -> list[Frame]:
        """The events until the server has answered a ping that is sent now."""
        before = len(self.heard)
        await self.ask("ping")
        return self.heard[before:-1]

    async def closed(self) -> int | None:
        """Read on until the server closes; returns the code."""
        with suppress(ConnectionClosed):
            while True:
                await self.receive()
        return self.connection.close_code


def texts(events: list[Frame]) -> list[str]:
    """The texts of the messages."""
    return [event["message"] for event in events if event["type"] == "message" and event["kind"] == "text"]
