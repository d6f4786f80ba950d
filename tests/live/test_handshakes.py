"""A common handshake is parsed in one step; all others go to daphne and autobahn."""

import asyncio
from collections.abc import Generator
from typing import NamedTuple

import pytest

from chat.server.handshakes import MOST_BYTES, Handshake, usual_handshake
from support.rawframes import HANDSHAKE, PATIENCE_SECONDS
from support.servers import Server, start_server
from support.wire import NO_LIMITS, SERVE


class Place(NamedTuple):
    server: Server
    token: str


KEY = "dGhlIHNhbXBsZSBub25jZQ=="
USUAL = {
    "Host": "chat.example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
# The headers that Firefox sends, as nginx in front passes them on.
BROWSER = USUAL | {
    "Host": "127.0.0.1:8000",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Origin": "http://127.0.0.1:8000",
    "Sec-WebSocket-Protocol": "chat.v1.batch, chat.v1",
    "Sec-WebSocket-Extensions": "permessage-deflate",
    "Connection": "keep-alive, Upgrade",
    "Cookie": "sessionid=abc; theme=dark",
    "X-Forwarded-For": "203.0.113.9",
}


def written(headers: dict[str, str], *, line: str = "GET /ws/chat/ HTTP/1.1", more: str = "") -> bytes:
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{line}\r\n{fields}{more}\r\n".encode("latin-1")


def test_a_usual_one_is_read() -> None:
    assert usual_handshake(written(BROWSER, line="GET /ws/chat/caf%C3%A9/?a=1&b=%20 HTTP/1.1")) == Handshake(
        "/ws/chat/caf%C3%A9/",
        b"a=1&b=%20",
        {name.lower(): value for name, value in BROWSER.items()},
        ["chat.v1.batch", "chat.v1"],
    )
    plain = usual_handshake(written(USUAL))
    assert plain
    assert (plain.path, plain.query, plain.protocols, plain.key) == ("/ws/chat/", b"", [], KEY)
    assert not plain.offers_deflate


@pytest.mark.parametrize(
    "line",
    [
        "POST /ws/chat/ HTTP/1.1",
        "GET /ws/chat/ HTTP/1.0",
        "GET  /ws/chat/ HTTP/1.1",
        "GET //elsewhere/ws/chat/ HTTP/1.1",
        "GET http://elsewhere/ws/chat/ HTTP/1.1",
        "GET /ws/chat/#there HTTP/1.1",
        "GET /ws/chat/?a#there HTTP/1.1",
        "GET /ws/chat;a=1/ HTTP/1.1",
        "GET /ws/chat/\xe9/ HTTP/1.1",
    ],
)
def test_another_kind_of_request_is_not(line: str) -> None:
    assert usual_handshake(written(USUAL, line=line)) is None


@pytest.mark.parametrize(
    "other",
    [
        {"Host": ""},
        {"Host": "a b"},
        {"Host": "chat.example.com:port"},
        {"Upgrade": "h2c"},
        {"Connection": "keep-alive"},
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Key": "short=="},
        {"Sec-WebSocket-Key": "!" * 22 + "=="},
        {"Sec-WebSocket-Protocol": "chat.v1, chat.v1"},
        {"Sec-WebSocket-Protocol": "chat v1"},
        {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits=99"},
        {"Origin": "null"},
        {"Origin": "http://chat.example.com:99999"},
        {"Origin": "chat.example.com"},
        {"Content-Length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Expect": "100-continue"},
        {"X_Name": "of CGI"},
        {"X-Name": "caf\xe9"},
        {"X-Name": "a\x00b"},
        {"X-Name": "a\rb"},
        {"X-Name": "a\r\n folded"},
        {"sec-websocket-key": KEY},
        {"X-Name": "x" * MOST_BYTES},
    ],
)
def test_an_unusual_header_is_left_to_the_libraries(other: dict[str, str]) -> None:
    assert usual_handshake(written(USUAL | other)) is None


@pytest.mark.parametrize("port", [1, 9_999, 59_999, 60_403, 64_999, 65_499, 65_529, 65_535, 65_536, 65_540, 70_000])
def test_a_port_is_one_that_there_is(port: int) -> None:
    usual = usual_handshake(written(USUAL | {"Origin": f"http://chat.example.com:{port}"}))
    assert (usual is not None) == (port <= 65_535)


@pytest.mark.parametrize("name", USUAL)
def test_a_missing_header_is_left_to_the_libraries(name: str) -> None:
    assert usual_handshake(written({one: value for one, value in USUAL.items() if one != name})) is None


def test_part_of_one_and_one_with_frames_behind_it_are_left_to_the_libraries() -> None:
    whole = written(USUAL)
    assert all(usual_handshake(whole[:size]) is None for size in range(len(whole)))
    assert usual_handshake(whole + b"\x81") is None


@pytest.fixture(scope="module")
def place() -> Generator[Place]:
    with start_server(command=SERVE, env=NO_LIMITS) as server:
        yield Place(server, server.make_people("ada")["ada"])


@pytest.mark.parametrize("protocol", ["", "chat.v1", "chat.v1.batch", "other"])
async def test_both_ways_give_the_same_answer(place: Place, protocol: str) -> None:
    host = f"127.0.0.1:{place.server.port}"
    headers = HANDSHAKE | {"Host": host, "Origin": f"http://{host}", "Authorization": f"Bearer {place.token}"}
    request = written(headers | ({"Sec-WebSocket-Protocol": protocol} if protocol else {}))
    assert usual_handshake(request)
    answers = []
    for parts in ([request], [request[:20], request[20:]]):
        reader, writer = await asyncio.open_connection("127.0.0.1", place.server.port)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            first, size = await reader.readexactly(2)
        answers.append((head, first))
        assert size
        writer.transport.abort()
    assert answers[0] == answers[1]
    assert b" 101 " in answers[0][0]
