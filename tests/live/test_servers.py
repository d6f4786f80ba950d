"""A server other than ours causes one warning."""

import sys
from collections.abc import Generator
from types import ModuleType
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from chat.live import servers
from chat.live.send_queue import GATHERED
from chat.server.uvicorn_protocol import SocketProtocol


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    for name in ("uvicorn", "hypercorn", "granian"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    servers._warn.cache_clear()
    yield
    servers._warn.cache_clear()


@pytest.mark.parametrize(
    ("module", "named"),
    [
        ("uvicorn", "--ws chat.uvicorn:SocketProtocol"),
        ("hypercorn", "--websocket-ping-interval 20"),
        ("granian", "granian"),
        ("strange", "This server"),
    ],
)
def test_the_first_socket_says_how_the_server_is_started(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, module: str, named: str
) -> None:
    monkeypatch.setitem(sys.modules, module, ModuleType(module))
    scope: dict[str, Any] = {"type": "websocket", "extensions": {}}
    servers.warn_if_unknown(scope)
    servers.warn_if_unknown(scope)
    [line] = [record.getMessage() for record in caplog.records]
    assert named in line


def test_our_own_servers_are_not_spoken_of(caplog: pytest.LogCaptureFixture) -> None:
    servers.warn_if_unknown({"type": "websocket", "extensions": {GATHERED: {}}})
    assert not caplog.records


@pytest.mark.parametrize("deflate", [True, False])
async def test_uvicorn_compresses_as_the_settings_say(settings: Any, deflate: bool) -> None:
    settings.CHAT_DEFLATE = deflate
    config = Config("your_project.asgi:application", ws=SocketProtocol, log_config=None)
    config.load()
    protocol = SocketProtocol(config, ServerState(), {})
    assert bool(protocol.conn.available_extensions) is deflate
