"""Several connections used as one: the least loaded sends, a failed one is replaced, nothing is lost or doubled."""

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from chatclient import (
    ConnectionPool,
    Forbidden,
    HandshakeRefused,
    InvalidAddress,
    Message,
    RemovedFromRoom,
    ServerUnreachable,
    SignInFailed,
    TooManySockets,
)
from chatclient.errors import ClientClosed
from support.processes import free_port
from tests.chatclient.fakes import QUICK, FakeChat, say


def pool_of(*servers: FakeChat, size: int = 3, **options: Any) -> ConnectionPool:
    urls = [server.url for server in servers]
    return ConnectionPool(urls, room="lobby", size=size, timing=QUICK, give_up_after=0.1, **options)


class Tally:
    """Counts the messages of each socket, and holds back acks until `let_go` is called."""

    def __init__(self, server: FakeChat) -> None:
        self.by_socket: Counter[ServerConnection] = Counter()
        self.held: list[tuple[ServerConnection, dict[str, Any]]] = []
        self.hold = False
        self._server = server
        server.on_command = self._on_command

    async def _on_command(self, socket: ServerConnection, command: dict[str, Any]) -> bool:
        if command["type"] == "chat_message":
            self.by_socket[socket] += 1
            if self.hold:
                self.held.append((socket, command))
                return True
        return False

    async def let_go(self) -> None:
        self.hold = False
        for socket, command in self.held:
            await self._server.carry_out(socket, command)


async def texts(pool: ConnectionPool, count: int) -> list[str]:
    seen: list[str] = []
    async for event in pool:
        if isinstance(event, Message):
            seen.append(event.text)
            if len(seen) == count:
                return seen
    raise AssertionError("The events ended.")


async def test_sends_go_over_the_least_loaded_connection() -> None:
    async with FakeChat() as server, pool_of(server) as pool:
        tally = Tally(server)
        tally.hold = True
        sending = [asyncio.create_task(pool.send(f"message {number}")) for number in range(9)]
        # Each room has one message on the wire for each connection; the others wait behind them.
        while len(tally.held) < 3:
            await asyncio.sleep(0)
        assert pool.pending == 9
        assert set(tally.by_socket.values()) == {1}
        await tally.let_go()
        await asyncio.gather(*sending)

    assert sorted(server.texts) == [f"message {number}" for number in range(9)]
    assert sorted(tally.by_socket.values()) == [3, 3, 3]


async def test_connections_go_round_the_addresses() -> None:
    async with FakeChat() as one, FakeChat() as two, pool_of(one, two, size=4) as pool:
        assert pool.connected == 4
        assert (one.connects, two.connects) == (2, 2)


async def test_a_server_that_dies_hands_its_messages_over() -> None:
    async with FakeChat() as one, FakeChat() as two:
        two.messages = one.messages  # two processes of one service
        async with pool_of(one, two, size=2) as pool:

            async def die(socket: ServerConnection, command: dict[str, Any]) -> bool:
                # The message is written, and only the acknowledgement is lost.
                await one.post(command["message"], client_id=command["client_id"])
                one.abort_all()
                dying.append(asyncio.create_task(one.stop()))
                return True

            dying: list[asyncio.Task[None]] = []
            one.on_command = die
            await asyncio.gather(*(pool.send(f"message {number}") for number in range(6)))

            assert sorted(message["message"] for message in two.messages) == [
                f"message {number}" for number in range(6)
            ]
            while pool.connected < 2:
                await asyncio.sleep(0.01)
            assert len(two.sockets) == 2


async def test_events_have_no_hole_when_their_connection_is_replaced() -> None:
    async with FakeChat() as one, FakeChat() as two, pool_of(one, two, size=2) as pool:
        await one.post("before")
        assert await texts(pool, 1) == ["before"]
        await one.stop()
        two.messages, two.rev = one.messages, one.rev
        await two.post("during")
        while len(two.sockets) < 2:
            await asyncio.sleep(0.01)
        await two.post("after")

        assert await texts(pool, 2) == ["during", "after"]


async def test_a_refused_message_is_not_tried_elsewhere() -> None:
    async with FakeChat() as server, pool_of(server) as pool:
        refused = 0

        async def refuse(socket: ServerConnection, command: dict[str, Any]) -> bool:
            nonlocal refused
            refused += 1
            await say(
                socket,
                {"type": "error", "code": "forbidden", "message": "No.", "request_id": command["request_id"]},
            )
            return True

        server.on_command = refuse
        with pytest.raises(Forbidden):
            await pool.send("hello")

    assert refused == 1


async def test_one_connection_too_many_is_done_without() -> None:
    async with FakeChat() as server:

        async def two_at_most(socket: ServerConnection) -> bool:
            if len(server.sockets) >= 2:
                await socket.close(4009)
                return True
            return False

        server.on_connect = two_at_most
        async with pool_of(server) as pool:
            await asyncio.gather(*(pool.send(f"message {number}") for number in range(6)))
            assert pool.connected == 2

    assert len(server.messages) == 6


async def test_a_ban_ends_the_whole_pool() -> None:
    async with FakeChat() as server, pool_of(server) as pool:

        async def ban(socket: ServerConnection, command: dict[str, Any]) -> bool:
            await socket.close(4003)
            return True

        server.on_command = ban
        with pytest.raises(RemovedFromRoom):
            await pool.send("hello")
        with pytest.raises(RemovedFromRoom):
            await texts(pool, 1)


async def test_no_connection_at_all_is_said_at_once() -> None:
    with pytest.raises(ServerUnreachable):
        async with ConnectionPool(f"http://127.0.0.1:{free_port()}", room="lobby", timing=QUICK):
            pass
    async with FakeChat() as server:
        with pytest.raises(SignInFailed):
            async with pool_of(server, token="not a token"):
                pass
        server.refuse_with_status = HTTPStatus.FORBIDDEN
        with pytest.raises(HandshakeRefused):
            async with pool_of(server):
                pass

        async def full(socket: ServerConnection) -> bool:
            await socket.close(4009)
            return True

        server.refuse_with_status, server.on_connect = None, full
        with pytest.raises(TooManySockets):
            async with pool_of(server):
                pass
    with pytest.raises(InvalidAddress):
        ConnectionPool([])


async def test_a_closed_pool_says_so() -> None:
    async with FakeChat() as server:
        async with pool_of(server) as pool:
            await pool.send("hello")
        with pytest.raises(ClientClosed):
            await pool.send("too late")

        assert "hello" in [event.text async for event in pool if isinstance(event, Message)]
