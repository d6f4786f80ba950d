"""Requests to addresses that other people choose: which are refused, and the cost of a hostile response."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

import pytest

from chat.lib import outbound, outbound_names
from chat.lib.address_guard import Guard, Refused
from chat.lib.outbound import Failed, Outbound
from chat.lib.outbound_names import on_behalf_of
from chat.lib.outbound_posts import OutboundPosts
from chat.lib.special_addresses import is_special

SPECIAL = """
0.0.0.1 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1
192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1
::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1
3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1
"""
PUBLIC = "1.1.1.1 8.8.8.8 172.15.0.1 172.32.0.1 192.0.1.1 223.255.255.255 2606:4700::1 2a00:1450::1 64:ff9b::808:808"


@pytest.mark.parametrize("address", SPECIAL.split())
def test_an_address_of_a_special_purpose_is_one(address: str) -> None:
    assert is_special(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_an_address_on_the_internet_is_none(address: str) -> None:
    assert not is_special(address)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def serve() -> AsyncGenerator[Callable[[bytes | Handler], Awaitable[str]]]:
    """Start a server that gives this answer, and return its address."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes | Handler) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(reader, writer)
            writer.close()

        servers.append(await asyncio.start_server(handle, "127.0.0.1", 0))
        return f"http://127.0.0.1:{servers[-1].sockets[0].getsockname()[1]}/"

    yield start
    for server in servers:
        server.close()


class Client:
    """Either client: the one that reads pages, or the one that sends pushes."""

    def __init__(self, kind: str, guard: Guard, *, seconds: float = 5, connections: int = 64) -> None:
        self._reads = Outbound(guard, seconds=seconds, connections=connections) if kind == "pages" else None
        self._posts = OutboundPosts(guard, seconds=seconds, max_bytes=10_000, connections=connections)

    async def ask(self, url: str) -> tuple[int, Mapping[str, str]]:
        if self._reads:
            page = await self._reads.read(url, headers={}, max_bytes=10_000, wanted=lambda *_: True)
            return page.status, page.headers
        reply = await self._posts.post(url, headers={"TTL": "60"}, content=b"x")
        return reply.status, reply.headers

    async def close(self) -> None:
        for one in (self._reads, self._posts):
            if one:
                await one.close()


@pytest.fixture(params=["pages", "posts"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def client(kind: str) -> AsyncGenerator[Client]:
    made = Client(kind, Guard({"127.0.0.1"}), seconds=0.5, connections=4)
    yield made
    await made.close()


async def test_a_redirect_is_an_answer_like_others(serve: Any, client: Client) -> None:
    there = await serve(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/secret\r\nContent-Length: 0\r\n\r\n")
    status, headers = await client.ask(there)
    assert (status, headers["location"]) == (302, "http://127.0.0.1:1/secret")


async def test_an_answer_that_never_comes_and_one_that_never_ends(serve: Any, client: Client) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        await reader.read()

    async def nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    for answer in (drip, nothing):
        with pytest.raises(Failed, match=r"^timeout$"):
            await client.ask(await serve(answer))


async def test_no_answer_at_all(serve: Any, client: Client) -> None:
    with pytest.raises(Failed, match=r"^protocol$"):
        await client.ask(await serve(b"220 mail.example.org ESMTP\r\n"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Failed, match=r"^network$"):
        await client.ask(f"http://127.0.0.1:{port}/")


async def test_a_proxy_of_the_environment_is_not_used(
    serve: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    there = await serve(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (await client.ask(there))[0] == 204


async def test_the_authorities_are_read_once_and_not_on_the_event_loop(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    really, threads = ssl.create_default_context, list[int]()

    def create() -> ssl.SSLContext:
        threads.append(threading.get_ident())
        return really()

    monkeypatch.setattr(ssl, "create_default_context", create)
    outbound.trust.cache_clear()
    # On a busy machine, reading them takes longer than the half second that other tests here allow.
    client = Client(kind, Guard({"127.0.0.1"}), seconds=60)
    for _ in range(2):
        with pytest.raises(Failed, match=r"^network$"):
            await client.ask("https://127.0.0.1:1/")
    await client.close()
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_the_address_that_is_connected_to_is_the_one_that_was_judged(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to a public address at first, and to a local one a moment later."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "10.0.0.1"]])
    asked: list[str] = []
    connected: list[Any] = []
    loop = asyncio.get_running_loop()

    def getaddrinfo(host: str, port: int, *_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    async def connect(_socket: Any, address: Any) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(loop, "sock_connect", connect)
    client = Client(kind, Guard(), connections=1)
    try:
        with pytest.raises(Failed, match=r"^network$"):
            await client.ask("https://rebind.example.net/")
        for _ in range(2):
            with pytest.raises(Refused, match="is not on the internet"):
                await client.ask("https://rebind.example.net/")
    finally:
        await client.close()
    assert (asked, connected) == (["rebind.example.net"] * 3, ["93.184.215.14"])


async def test_names_that_are_never_resolved_delay_only_their_own_person(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ends = threading.Event()

    def getaddrinfo(host: str, port: int, *_: Any) -> list[Any]:
        asked.append(host)
        if host.endswith(".silent.net"):
            ends.wait(10)
            raise socket.gaierror("no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(outbound_names, "RESOLVE_SECONDS", 0.3)
    client = Client(kind, Guard())

    async def ask(person: int, host: str) -> str:
        with on_behalf_of(person):
            try:
                await client.ask(f"https://{host}/")
            except (Failed, Refused) as error:
                return str(error)
        return ""

    try:
        silent = [asyncio.create_task(ask(1, f"{number}.silent.net")) for number in range(30)]
        while not asked:
            await asyncio.sleep(0.01)
        assert "is not on the internet" in await ask(2, "other.net")
        assert set(await asyncio.gather(*silent)) == {"timeout"}
        # The lookup was abandoned, but still occupies this person's only thread.
        assert await ask(1, "other.net") == "timeout"
        assert asked == ["0.silent.net", "other.net"]
        ends.set()
        assert "is not on the internet" in await ask(1, "another.net")
    finally:
        ends.set()
        await client.close()
