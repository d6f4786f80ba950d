"""Messages that arrive on a socket wait for its consumer, in order."""

import asyncio
import logging
import socket
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from daphne.ws_protocol import WebSocketProtocol

from chat.server import daphne_protocol, uvicorn_protocol
from chat.server.receive_queue import KERNEL_BYTES, ReceiveQueue


def message(number: int) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": f"{number}"}


async def test_messages_come_out_in_the_order_they_came() -> None:
    queue = ReceiveQueue()
    for number in range(3):
        queue.put_nowait(message(number))
    assert queue.qsize() == 3
    assert [await queue.get() for _ in range(3)] == [message(number) for number in range(3)]
    assert queue.empty()


async def test_a_reader_waits_for_the_next_one_and_finds_those_that_came_with_it() -> None:
    queue = ReceiveQueue()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(message(1))
    queue.put_nowait(message(2))
    assert await reading == message(1)
    assert await queue.get() == message(2)


async def test_a_reader_that_gives_up_takes_nothing_with_it() -> None:
    queue = ReceiveQueue()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(message(1))
    reading.cancel()
    await asyncio.wait([reading])
    assert await queue.get() == message(1)


async def test_an_idle_one_is_small() -> None:
    queue = ReceiveQueue()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    held = [getattr(queue, name) for name in ReceiveQueue.__slots__]
    assert sum(map(sys.getsizeof, [queue, *held])) < 400
    reading.cancel()


@pytest.mark.parametrize("server", ["serve", "uvicorn"])
async def test_the_kernel_keeps_little_of_a_socket_that_is_not_read(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            opened: Any
            if server == "serve":
                monkeypatch.setattr(WebSocketProtocol, "onOpen", lambda _self: None)
                opened = daphne_protocol.SocketProtocol()
                opened.request = SimpleNamespace(path="/ws/")
                opened._perMessageCompress, opened.data = None, b""
                opened.transport = SimpleNamespace(socket=accepted)
                made = SimpleNamespace(opened=lambda _socket: None, ping_interval=20)
                opened.factory = SimpleNamespace(server_class=made)
                opened.onOpen()
            else:
                opened = uvicorn_protocol.SocketProtocol.__new__(uvicorn_protocol.SocketProtocol)
                opened.response = opened.conn = SimpleNamespace(extensions=[], parser=Mock())
                opened.transport = SimpleNamespace(get_extra_info={"socket": accepted}.get, is_closing=lambda: True)
                opened.read_paused, opened.logger = False, logging.getLogger(__name__)
                opened._begin()
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 2 * KERNEL_BYTES
