"""The application of an idle socket returns; what arrives next is handled in a new task."""

import asyncio
import logging
import socket
import weakref
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from daphne import server as daphne
from structlog.contextvars import get_contextvars
from uvicorn.config import Config
from uvicorn.server import ServerState

from chat.consumers import ChatConsumer
from chat.live.handshake import CALLED_AGAIN, Handler
from chat.live.hub import Hub
from chat.live.send_queue import GATHERED
from chat.middleware import Entrance
from chat.server.daphne_protocol import SocketProtocol as ServeProtocol
from chat.server.receive_queue import ReceiveQueue
from chat.server.server import HardenedServer
from chat.server.uvicorn_protocol import SocketProtocol

HANDSHAKE = (
    b"GET /ws/chat/ HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Line:
    """A server with one socket: its queue, and the tasks that handle what arrives in it."""

    def __init__(self) -> None:
        self.queue = ReceiveQueue(self._start)
        self.tasks: list[asyncio.Future[None]] = []
        self.sent: list[str] = []
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "client": ["127.0.0.1", 1],
            "headers": [],
            "subprotocols": [],
            "url_route": {"kwargs": {}},
            "extensions": {
                CALLED_AGAIN: {"register": self.queue.register, "wake": self.queue.wake},
                GATHERED: {},
            },
            "identity": None,
        }

    def _start(self, handler: Handler) -> None:
        self.tasks.append(asyncio.ensure_future(handler(self.queue.get)))

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message["type"])


async def nothing(_receive: Any) -> None:
    """A handler that does nothing."""


async def test_a_handler_is_run_once_with_what_arrives_next() -> None:
    line, found = Line(), []

    async def handler(receive: Any) -> None:
        found.append(await receive())

    assert line.queue.register(handler)
    assert line.queue.registered
    line.queue.put_nowait({"text": "1"})
    line.queue.put_nowait({"text": "2"})
    assert not line.queue.registered
    [task] = line.tasks
    await task
    assert found == [{"text": "1"}]
    assert not line.queue.register(handler), "a message waits"


async def test_no_handler_is_taken_where_none_can_be_run_or_the_server_stops() -> None:
    assert not ReceiveQueue().register(nothing)
    line = Line()
    assert line.queue.register(nothing)
    line.queue.keep_reader()
    [task] = line.tasks
    await task
    assert not line.queue.register(nothing)


async def test_a_handler_is_run_without_a_message_when_it_is_woken() -> None:
    line = Line()
    assert not line.queue.wake(), "there is none"
    assert line.queue.register(nothing)
    assert line.queue.wake()
    assert not line.queue.wake()
    [task] = line.tasks
    await task


async def test_a_socket_has_no_task_while_nothing_arrives(unclocked_hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chat.live.connection_log")
    line, consumer = Line(), ChatConsumer()
    line.queue.put_nowait({"type": "websocket.connect"})
    await asyncio.create_task(consumer(line.scope, line.queue.get, line.send))
    assert line.sent == ["websocket.accept", "websocket.close"]
    assert line.queue.registered
    assert caplog.messages == [], "it has not ended"
    bound: list[Any] = []
    dispatch = consumer.dispatch

    async def dispatched(message: dict[str, Any]) -> None:
        bound.append(get_contextvars()["connection"])
        await dispatch(message)

    consumer.dispatch = dispatched  # type: ignore[method-assign]
    line.queue.put_nowait({"type": "websocket.receive", "text": "{}"})
    await line.tasks[0]
    line.queue.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await line.tasks[1]
    assert bound == [consumer.connection_log.id] * 2
    assert caplog.messages == ["socket refused"]
    assert (len(line.tasks), line.queue.registered) == (2, False)


async def test_a_handler_that_is_cancelled_ends_its_socket(
    unclocked_hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="chat.live.connection_log")
    line = Line()
    line.queue.put_nowait({"type": "websocket.connect"})
    await ChatConsumer()(line.scope, line.queue.get, line.send)
    line.queue.keep_reader()
    await asyncio.sleep(0)
    [task] = line.tasks
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert caplog.messages == ["socket refused"]


async def test_within_the_middlewares_of_a_project_the_application_stays() -> None:
    found: list[dict[str, Any]] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        found.append(scope["extensions"])

    line = Line()
    user = SimpleNamespace(is_authenticated=False)
    own = {name: value for name, value in line.scope.items() if name != "identity"}
    scope = own | {"user": user, "session": {}}
    await Entrance(application)(scope, line.queue.get, line.send)
    assert found == [{GATHERED: {}}]


@pytest.mark.parametrize("ends", [False, True])
async def test_uvicorn_keeps_the_connection_of_an_application_that_has_registered(ends: bool) -> None:
    config = Config("your_project.asgi:application", ws=SocketProtocol, log_config=None)
    config.load()
    protocol: Any = SocketProtocol(config, ServerState(), {})
    closed: list[bool] = []
    protocol.transport = SimpleNamespace(close=lambda: closed.append(True))
    protocol.handshake_complete, protocol.scope = True, {}
    handled = asyncio.Event()

    async def handler(receive: Any) -> None:
        await receive()
        handled.set()
        if not ends:
            protocol.queue.register(handler)

    async def application(_scope: Any, _receive: Any, _send: Any) -> None:
        protocol.queue.register(handler)

    protocol.app = application
    await protocol.run_asgi()
    assert not closed
    protocol.queue.put_nowait({"type": "websocket.receive", "text": "1"})
    assert len(protocol.tasks) == 1
    await handled.wait()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (bool(closed), protocol.tasks) == (ends, set())


async def test_uvicorn_keeps_nothing_of_the_request_of_an_open_socket() -> None:
    config = Config("your_project.asgi:application", ws=SocketProtocol, ws_ping_interval=0, log_config=None)
    config.load()
    protocol: Any = SocketProtocol(config, ServerState(), {})
    with socket.socket() as accepted:
        facts = {"socket": accepted, "sockname": ("127.0.0.1", 1), "peername": ("127.0.0.1", 2)}
        protocol.connection_made(Mock(get_extra_info=facts.get, is_closing=lambda: False))
        requests: list[weakref.ref[Any]] = []
        connected = protocol.handle_connect

        def handle_connect(request: Any) -> None:
            requests.append(weakref.ref(request))
            connected(request)

        async def handler(_receive: Any) -> None:
            pass

        async def application(scope: Any, receive: Any, send: Any) -> None:
            assert (await receive())["type"] == "websocket.connect"
            await send({"type": "websocket.accept"})
            scope["extensions"][CALLED_AGAIN]["register"](handler)

        protocol.app, protocol.handle_connect = application, handle_connect
        protocol.data_received(HANDSHAKE)
        while protocol.tasks:
            await asyncio.sleep(0)
    assert [bool(one()) for one in requests] == [False]
    protocol.transport.write.reset_mock()
    # The library still answers a close frame, with the same code.
    protocol.data_received(b"\x88\x82\0\0\0\0\x03\xe9")
    protocol.transport.write.assert_called_once_with(b"\x88\x02\x03\xe9")


async def test_serve_keeps_no_task_of_such_a_socket_and_looks_at_it_when_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(daphne, "reactor", Mock())
    ended: list[bool] = []

    async def handler(receive: Any) -> None:
        if (await receive())["type"] == "websocket.disconnect":
            ended.append(True)
        else:
            served.application_queue.register(handler)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        assert receive
        assert send
        scope["extensions"][CALLED_AGAIN]["register"](handler)

    server = HardenedServer(application, endpoints=["tcp:0"], max_sockets=0, ping_seconds=20, deflate=False)
    server.connections = {}
    served = ServeProtocol()
    served.factory = SimpleNamespace(server_class=server)
    server.protocol_connected(served)
    served.application_queue = server.create_application(served, {"type": "websocket"})
    server.opened(served)
    for message in ("websocket.receive", "websocket.receive", None):
        for _ in range(4):
            await asyncio.sleep(0)
        assert (server._ending, list(server.connections[served])) == (set(), ["connected"])
        if message:
            served.application_queue.put_nowait({"type": message})
            assert "application_instance" in server.connections[served]
    server.protocol_disconnected(served)
    served.application_queue.put_nowait({"type": "websocket.disconnect"})
    for _ in range(4):
        await asyncio.sleep(0)
    server.application_checker()
    assert (ended, server.connections, server._ending) == ([True], {}, set())
