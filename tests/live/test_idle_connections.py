"""daphne's checkers look only at connections that are opening or ending, and not at ten thousand idle sockets."""

import asyncio
from collections.abc import Generator
from typing import Any
from unittest.mock import Mock

import pytest
from daphne import server as daphne

from chat.server import server as hardened
from chat.server.server import HardenedServer


async def application(scope: Any, receive: Any, send: Any) -> None:
    """An application that ends when its event is set."""
    assert receive
    assert send
    await scope["ends"]


class Connection:
    """A connection from the point of view of daphne's checkers."""

    def __init__(self) -> None:
        self.looked = 0
        self.failed: list[BaseException] = []

    def check_timeouts(self) -> None:
        self.looked += 1

    def handle_exception(self, error: BaseException) -> None:
        self.failed.append(error)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Generator[HardenedServer]:
    monkeypatch.setattr(daphne, "reactor", Mock())
    made = HardenedServer(application, endpoints=["tcp:0"], max_sockets=0, ping_seconds=20, deflate=False)
    made.connections = {}
    yield made
    assert made.connections == {}
    assert not made._timed
    assert not made._ending


async def ended(server: HardenedServer, *connections: Connection) -> None:
    for one in connections:
        server.protocol_disconnected(one)
    await asyncio.sleep(0)
    server.application_checker()


async def test_a_connection_is_timed_until_it_is_open_and_leaves_when_both_ends_have_ended(
    server: HardenedServer,
) -> None:
    request, socket = Connection(), Connection()
    ends = [asyncio.get_running_loop().create_future() for _ in range(2)]
    for one, end in zip((request, socket), ends, strict=True):
        server.protocol_connected(one)
        server.create_application(one, {"type": "http", "ends": end})
    server.timeout_checker()
    server.opened(socket)  # type: ignore[arg-type]
    server.timeout_checker()
    assert (request.looked, socket.looked) == (2, 1)
    # Neither has ended: the checker looks at neither, and both stay.
    server.application_checker()
    assert list(server.connections) == [request, socket]
    ends[0].set_result(None)
    await asyncio.sleep(0)
    await ended(server, request)
    assert list(server.connections) == [socket]
    # The peer disconnects before the application ends: the server waits for the application.
    await ended(server, socket)
    assert list(server.connections) == [socket]
    ends[1].set_result(None)
    await asyncio.sleep(0)
    await ended(server)


async def test_an_application_that_fails_is_reported_and_its_socket_stays_until_it_is_closed(
    server: HardenedServer,
) -> None:
    socket, end = Connection(), asyncio.get_running_loop().create_future()
    server.protocol_connected(socket)
    server.create_application(socket, {"type": "websocket", "ends": end})
    server.opened(socket)  # type: ignore[arg-type]
    end.set_exception(LookupError("it fails"))
    await asyncio.sleep(0)
    await ended(server)
    assert [str(error) for error in socket.failed] == ["it fails"]
    assert list(server.connections) == [socket]
    await ended(server, socket)


async def test_a_request_that_begins_while_another_is_timed_out_is_kept(server: HardenedServer) -> None:
    following, end = Connection(), asyncio.get_running_loop().create_future()

    class First(Connection):
        def check_timeouts(self) -> None:
            server.protocol_connected(following)

    first = First()
    server.protocol_connected(first)
    server.create_application(first, {"type": "http", "ends": end})
    server.timeout_checker()
    assert list(server.connections) == [first, following]
    end.set_result(None)
    await asyncio.sleep(0)
    await ended(server, first, following)


async def test_the_checkers_run_only_while_there_is_something_to_look_at(
    server: HardenedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned: list[Any] = []
    for module in (daphne, hardened):
        monkeypatch.setattr(module, "reactor", Mock(callLater=lambda _, check: planned.append(check)))

    def due() -> list[Any]:
        found = planned[:]
        planned.clear()
        return found

    # daphne starts both checkers like this.
    server.timeout_checker()
    server.application_checker()
    assert due() == []
    first, second = Connection(), Connection()
    ends = [asyncio.get_running_loop().create_future() for _ in range(2)]
    for one, end in zip((first, second), ends, strict=True):
        server.protocol_connected(one)
        server.create_application(one, {"type": "websocket", "ends": end})
    [check] = due()
    assert check == server.timeout_checker
    check()
    assert first.looked == second.looked == 1
    [check] = due()
    for one in (first, second):
        server.opened(one)  # type: ignore[arg-type]
    check()
    assert due() == []
    for end in ends:
        end.set_result(None)
    for _ in range(3):
        # The applications end first, and the server learns of it in the next turn.
        await asyncio.sleep(0)
    [check] = due()
    assert check == server.application_checker
    for one in (first, second):
        server.protocol_disconnected(one)
    check()
    assert server.connections == {}
    [check] = due()
    check()
    assert due() == []
