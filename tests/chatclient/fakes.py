"""A small chat server that misbehaves on demand, and bare sockets without a chat server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from chatclient import Timing

# All waits of the client, made short.
QUICK = Timing(
    open=2.0,
    answer=5.0,
    idle=5.0,
    silence=5.0,
    first_delay=0.01,
    longest_delay=0.05,
    restart_spread=0.02,
    flood_wait=0.05,
    steady=0.5,
    close=0.5,
)

Command = dict[str, Any]


class FakeChat:
    """One room in memory that follows the wire contract, except where a test changes it."""

    def __init__(self, room: str = "lobby") -> None:
        self.room = room
        self.epoch = "one"
        self.messages: list[Command] = []  # current states by seq
        self.rev = 0
        self.sockets: set[ServerConnection] = set()
        self.connects = 0
        self.commands: list[Command] = []
        self.changes_at_most = 500
        self.refuse_with_status: HTTPStatus | None = None
        # Called with each command before it is executed; True: already handled.
        self.on_command: Callable[[ServerConnection, Command], Awaitable[bool]] | None = None
        # Called with each new socket before anything is sent; True: already handled.
        self.on_connect: Callable[[ServerConnection], Awaitable[bool]] | None = None
        self._server: Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def texts(self) -> list[str]:
        return [message["message"] for message in self.messages]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await serve(
            self._serve, "127.0.0.1", self._port, process_request=self._process_request, close_timeout=0.2
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self, code: int = 1012) -> None:
        if self._server is not None:
            self._server.close(close_connections=False)
            await self.close_all(code)
            await self._server.wait_closed()
            self._server = None

    async def close_all(self, code: int = 1012) -> None:
        await asyncio.gather(*(socket.close(code) for socket in self.sockets))

    def abort_all(self) -> None:
        """Abort all connections, as a kill -9 does."""
        for socket in self.sockets:
            socket.transport.abort()

    async def post(self, text: str, *, client_id: str | None = None, reply_to: int | None = None) -> Command:
        """Post a message, and send it to every socket."""
        message = self._write(len(self.messages) + 1, text, client_id=client_id, reply_to=reply_to)
        self.messages.append(message)
        await self.tell(message)
        return message

    async def edit(self, seq: int, text: str) -> None:
        self.messages[seq - 1] = self._write(seq, text)
        await self.tell(self.messages[seq - 1])

    async def tell(self, event: Command) -> None:
        for socket in list(self.sockets):
            await say(socket, event)

    def _write(self, seq: int, text: str, *, client_id: str | None = None, reply_to: int | None = None) -> Command:
        self.rev += 1
        return {
            "type": "message",
            "room": self.room,
            "seq": seq,
            "rev": self.rev,
            "kind": "text",
            "message": text,
            "username": "bob",
            "user_id": 2,
            "display_name": "Bob",
            "timestamp": "2026-11-21T10:00:00.000000+00:00",
            "client_id": client_id,
            "reply_to": reply_to,
            "edited_at": None,
            "deleted": False,
            "deleted_by": None,
            "reactions": {},
            "mentions": [],
        }

    def _process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        if self.refuse_with_status is None:
            return None
        return socket.respond(self.refuse_with_status, "No.\n")

    async def _serve(self, socket: ServerConnection) -> None:
        self.connects += 1
        with suppress(ConnectionClosed):
            if self.on_connect is not None and await self.on_connect(socket):
                return
            await self.greet(socket)
            self.sockets.add(socket)
            try:
                async for frame in socket:
                    command = json.loads(frame)
                    self.commands.append(command)
                    if self.on_command is None or not await self.on_command(socket, command):
                        await self.carry_out(socket, command)
            finally:
                self.sockets.discard(socket)

    async def greet(self, socket: ServerConnection) -> None:
        await say(
            socket,
            {
                "type": "authenticated",
                "user_id": 1,
                "username": "alice",
                "display_name": "Alice",
                "staff": False,
                "epoch": self.epoch,
                "server_time": "2026-11-21T10:00:00.000000+00:00",
                "limits": {},
            },
        )
        await say(
            socket,
            {
                "type": "joined_room",
                "room": self.room,
                "title": "Lobby",
                "topic": "",
                "kind": "public",
                "role": "member",
                "seq": len(self.messages),
                "rev": self.rev,
                "read_seq": 0,
                "members_online": 1,
            },
        )
        await say(socket, self._page(self.messages[-50:]))

    async def carry_out(self, socket: ServerConnection, command: Command) -> None:
        answer: Command = {}
        match command["type"]:
            case "chat_message":
                known = next((m for m in self.messages if m["client_id"] == command["client_id"]), None)
                message = known or await self.post(command["message"], client_id=command["client_id"])
                answer = {"type": "ack", "duplicate": known is not None, "client_id": command["client_id"]} | {
                    name: message[name] for name in ("room", "seq", "rev", "timestamp")
                }
            case "resume":
                answer = self._resumed(command)
            case "history":
                limit = command.get("limit", 50)
                after = command.get("after")
                answer = self._page(self.messages[after:][:limit] if after is not None else self.messages[-limit:])
            case "ping":
                answer = {"type": "pong", "timestamp": "2026-11-21T10:00:00.000000+00:00"}
            case "edit_message" | "delete_message" | "react" | "remove_preview" | "command":
                answer = {"type": "ack", "room": self.room, "rev": self.rev}
            case _:
                return
        await say(socket, answer | ({"request_id": command["request_id"]} if "request_id" in command else {}))

    def _page(self, messages: list[Command]) -> Command:
        return {
            "type": "history",
            "room": self.room,
            "messages": messages,
            "has_older": bool(messages) and messages[0]["seq"] > 1,
            "has_newer": bool(messages) and messages[-1]["seq"] < len(self.messages),
        }

    def _resumed(self, command: Command) -> Command:
        changed = sorted(
            (message for message in self.messages if message["rev"] > command["rooms"][self.room]),
            key=lambda message: int(message["rev"]),
        )
        complete = command["epoch"] == self.epoch and len(changed) <= self.changes_at_most
        return {
            "type": "resumed",
            "room": self.room,
            "complete": complete,
            "messages": changed if complete else [],
            "rev": self.rev,
        }


async def say(socket: ServerConnection, event: Command) -> None:
    with suppress(ConnectionClosed):
        await socket.send(json.dumps(event))


@asynccontextmanager
async def bare_server(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A TCP server that only runs `handle`; yields its address."""

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            await handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
