"""HTTP requests that are too large, too slow, or whose responses are never read."""

# mypy: disable-error-code="no-untyped-call"

import asyncio
from collections.abc import Generator
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import Request

from chat.server.bodies import REQUEST_SECONDS, BodyLimit, Refused
from chat.server.requests import UNREAD_SECONDS, Channel
from support.servers import Server, start_server
from support.wire import SERVE, UVICORN

LIMIT = 2 * 1024 * 1024


class Wire(StringTransport):
    """A transport whose peer reads only when the test makes it."""

    connected = True
    aborted = half_closed = False

    def abortConnection(self) -> None:
        self.aborted = True

    def loseWriteConnection(self) -> None:
        self.half_closed = True


class Asked(Request):
    """A request that the test answers."""

    begun: list["Asked"] = []

    def process(self) -> None:
        self.begun.append(self)

    def answer(self, size: int) -> None:
        self.setHeader(b"content-length", str(size).encode())
        self.write(b"x" * size)
        self.finish()


class Line:
    """A connection to `serve`, its transport and its clock."""

    def __init__(self) -> None:
        Asked.begun = []
        self.clock = Clock()
        self.wire = Wire()
        self.channel = Channel()
        vars(self.channel).update(requestFactory=Asked, callLater=self.clock.callLater, timeOut=60)
        self.channel.makeConnection(self.wire)
        self.hear = self.channel.dataReceived

    @property
    def said(self) -> str:
        return bytes(self.wire.value()).decode("latin-1")


@pytest.fixture
def line() -> Line:
    return Line()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def test_the_next_answer_is_made_when_the_last_has_gone_out(line: Line) -> None:
    line.hear(get("/one") + get("/two"))
    line.channel.pauseProducing()  # as a full transport does
    Asked.begun[0].answer(100_000)
    assert [request.uri for request in Asked.begun] == [b"/one"]
    line.channel.resumeProducing()
    assert [request.uri for request in Asked.begun] == [b"/one", b"/two"]


def test_who_reads_answers_gets_them_one_after_the_other(line: Line) -> None:
    line.hear(get("/one") + get("/two"))
    Asked.begun[0].answer(10)
    Asked.begun[1].answer(10)
    assert line.said.count("HTTP/1.1 200") == 2


def test_requests_that_wait_for_an_answer_are_not_read(line: Line) -> None:
    line.hear(get("/one"))
    line.channel.pauseProducing()
    line.hear(get("/more") * 1_000)
    assert line.wire.producerState == "paused"


async def test_an_answer_waits_for_its_reader(line: Line) -> None:
    line.hear(get("/one"))
    line.channel.pauseProducing()
    waiting = asyncio.create_task(line.channel.wait_until_writable())
    await asyncio.sleep(0)
    assert not waiting.done()
    line.channel.resumeProducing()
    await waiting


def test_who_reads_nothing_of_an_answer_is_gone_in_the_end(line: Line) -> None:
    line.hear(get("/one"))
    line.channel.pauseProducing()
    line.clock.advance(UNREAD_SECONDS)
    assert line.wire.aborted


@pytest.mark.parametrize(
    ("beginning", "rest"),
    [
        (b"GET / HTT", b"P"),
        (b"GET / HTTP/1.1\r\nX-Slow: ", b"x"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n", b"x"),
    ],
    ids=["line", "header", "body"],
)
def test_a_request_has_only_so_much_time_however_often_a_byte_comes(line: Line, beginning: bytes, rest: bytes) -> None:
    line.hear(beginning)
    for _ in range(int(REQUEST_SECONDS) - 1):
        line.clock.advance(1)
        line.hear(rest)
    assert line.said == ""
    line.clock.advance(1)
    assert line.said.startswith("HTTP/1.1 408 ")
    assert "within 30 seconds" in line.said
    assert line.wire.half_closed


def test_a_kept_connection_may_wait_longer_for_its_next_request(line: Line) -> None:
    line.hear(get("/one"))
    Asked.begun[0].answer(0)
    line.clock.advance(REQUEST_SECONDS + 1)
    line.hear(get("/two"))
    assert len(Asked.begun) == 2


def test_what_comes_after_a_refusal_is_not_kept(line: Line) -> None:
    line.hear(f"POST / HTTP/1.1\r\nContent-Length: {LIMIT + 1}\r\n\r\n".encode())
    assert line.said.startswith("HTTP/1.1 413 ")
    for _ in range(100):
        line.hear(b"x" * 65_536)
    assert line.wire.aborted
    assert Asked.begun == []


# --- Any server, in the application ----------------------------------------------------------------------


async def ask(*messages: dict[str, Any], headers: list[tuple[bytes, bytes]], path: str = "/") -> list[dict[str, Any]]:
    """The messages sent for a request that consists of these messages, with no more to come."""
    sent: list[dict[str, Any]] = []
    coming = list(messages)

    async def receive() -> dict[str, Any]:
        if not coming:
            await asyncio.Event().wait()
        return coming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def application(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await BodyLimit(application)({"type": "http", "path": path, "headers": headers}, receive, send)
    return sent


def part(size: int, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


CHUNKED = [(b"transfer-encoding", b"chunked")]


async def test_a_body_up_to_the_limit_is_taken() -> None:
    length = [(b"content-length", str(LIMIT).encode())]
    assert (await ask(part(LIMIT - 1, more=True), part(1, more=False), headers=length))[0]["status"] == 200
    assert (await ask(part(LIMIT, more=False), headers=CHUNKED))[0]["status"] == 200


async def test_a_body_is_refused_by_its_length_before_it_is_read() -> None:
    length = [(b"content-length", str(LIMIT + 1).encode())]
    start, body = await ask(headers=length, path="/api/v1/rooms")
    assert start["status"] == 413
    assert b'"too_large"' in body["body"]


async def test_a_body_without_a_length_is_refused_when_it_is_too_large() -> None:
    start, body = await ask(part(LIMIT, more=True), part(1, more=True), headers=CHUNKED)
    assert start["status"] == 413
    assert body["body"].endswith(b".\n")


async def test_a_body_that_does_not_come_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.server.bodies.REQUEST_SECONDS", 0.0)
    start, _ = await ask(part(1, more=True), headers=CHUNKED)
    assert start["status"] == 408


async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    async def receive() -> dict[str, Any]:
        return part(LIMIT + 1, more=False)

    async def send(_message: dict[str, Any]) -> None:
        pass

    with pytest.raises(Refused):
        await BodyLimit(application)({"type": "http", "path": "/", "headers": CHUNKED}, receive, send)


# --- Both servers ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[SERVE, UVICORN], ids=["serve", "uvicorn"])
def server(request: pytest.FixtureRequest) -> Generator[Server]:
    with start_server(command=request.param) as server:
        yield server
        assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f"Content-Length: {LIMIT + 1}", b""),
        (f"Content-Length: {10**18}", b""),
        (f"Content-Length: {LIMIT + 1}\r\nExpect: 100-continue", b""),
        (f"Content-Length: {64 * LIMIT}", b"x" * 4 * LIMIT),
        ("Transfer-Encoding: chunked", b"10000\r\n%b\r\n" % (b"x" * 65_536) * 65),
    ],
    ids=["a byte too much", "far too much", "asking first", "and sent", "in chunks"],
)
@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/rooms"])
async def test_a_body_that_is_too_large_is_refused_at_once(server: Server, path: str, head: str, body: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n\r\n".encode() + body)
    async with asyncio.timeout(20):
        answer = await reader.readuntil(b"\r\n\r\n")
        text = await reader.readuntil(b"Send less.")
    writer.transport.abort()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert (b'"too_large"' in text) == path.startswith("/api/")
