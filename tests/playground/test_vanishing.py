"""A client whose connection is reset is removed without a log line."""

import json
import socket
import struct
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect

from playground.routing import SERVERS
from support.servers import PYTHON, Server

UVICORN = [PYTHON, "-m", "uvicorn", "--log-level", "warning", "--port", "{port}", "your_project.asgi:application"]


@pytest.mark.parametrize("command", [None, UVICORN], ids=["serve", "uvicorn"])
async def test_a_vanishing_client_logs_no_traceback(
    start_server: Callable[..., Server], command: list[str] | None
) -> None:
    with start_server(env={"PLAYGROUND": "1"}, command=command) as server:
        base = f"{server.ws_url}/ws/playground"
        for name in SERVERS.keys() - {"members", "advanced"}:
            for _ in range(3):
                client = await connect(f"{base}/{name}/{'alice' if name == 'manager' else ''}")
                await client.send(json.dumps({"type": "join_room", "room": "tea", "content": "hi", "broadcast": True}))
                raw = client.transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.transport.abort()
        server.stop()
        assert "Traceback" not in server.log
        assert "Error" not in server.log
