"""Addresses without a chat server, or without a working one: a single clear line, without delay."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection

from chatclient import (
    ChatClient,
    ConnectionFailed,
    HandshakeRefused,
    InvalidAddress,
    NoSuchRoom,
    NotAChatServer,
    NotSignedIn,
    RateLimited,
    ServerUnreachable,
    SignInFailed,
    Timing,
)
from chatclient.address import parse_address
from chatclient.errors import ChatError, ClientClosed
from support.processes import free_port
from tests.chatclient.fakes import FakeChat, bare_server, say

# A server that sends nothing is not worth waiting for.
SHORT = 0.2
Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def failure(
    url: str, *, patience: float = 10.0, token: str | None = None, username: str | None = None
) -> ChatError:
    """The error that connecting raises, which must fit on one line."""
    timing = Timing(open=patience, close=0.1)
    with pytest.raises(ChatError) as caught:
        async with ChatClient(url, room="lobby", token=token, username=username, password="secret", timing=timing):
            pass
    assert "\n" not in str(caught.value)
    assert str(caught.value)
    return caught.value


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()


async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def greet_like_ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(65536)
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()


async def show_a_page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<h1>Hello!</h1>")
    await writer.drain()


async def test_no_server_listens() -> None:
    error = await failure(f"http://127.0.0.1:{free_port()}")

    assert isinstance(error, ServerUnreachable)
    assert "connection refused" in str(error)


async def test_there_is_no_such_host() -> None:
    assert isinstance(await failure("http://no-such-host.invalid"), ServerUnreachable)


@pytest.mark.parametrize(
    ("handle", "kind"),
    [
        (hang_up, ServerUnreachable),
        (stall, ServerUnreachable),
        (greet_like_ssh, NotAChatServer),
        (show_a_page, HandshakeRefused),
    ],
)
async def test_something_else_listens(handle: Handle, kind: type[ConnectionFailed]) -> None:
    async with bare_server(handle) as url:
        assert type(await failure(url, patience=SHORT if handle is stall else 10.0)) is kind


async def test_a_secure_address_of_a_server_without_tls() -> None:
    async with bare_server(greet_like_ssh) as url:
        assert isinstance(await failure(url.replace("http", "https")), ServerUnreachable)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
async def test_the_handshake_is_refused_by_status(status: int) -> None:
    async with FakeChat() as server:
        server.refuse_with_status = HTTPStatus(status)
        error = await failure(server.url)

    assert isinstance(error, HandshakeRefused)
    assert error.status == status
    assert f"HTTP {status}" in str(error)


@pytest.mark.parametrize(
    "frame", ["Welcome!", "[]x", "42", '{"type": 1}', b"binary", '{"type": "message", "room": "lobby"}', "[" * 100_000]
)
async def test_the_socket_speaks_something_else(frame: str | bytes) -> None:
    async def speak(socket: ServerConnection) -> bool:
        await socket.send(frame)
        await socket.wait_closed()
        return True

    async with FakeChat() as server:
        server.on_connect = speak

        assert isinstance(await failure(server.url), NotAChatServer)


async def test_the_socket_opens_and_stays_silent() -> None:
    async def stay_silent(socket: ServerConnection) -> bool:
        await socket.wait_closed()
        return True

    async with FakeChat() as server:
        server.on_connect = stay_silent
        error = await failure(server.url, patience=SHORT)

    assert isinstance(error, NotAChatServer)
    assert "said nothing of use" in str(error)


async def test_the_server_stops_before_the_room_is_joined() -> None:
    async def stop_halfway(socket: ServerConnection) -> bool:
        await say(socket, {"type": "authenticated", "username": "alice", "epoch": "one"})
        await socket.wait_closed()
        return True

    async with FakeChat() as server:
        server.on_connect = stop_halfway

        assert isinstance(await failure(server.url, patience=SHORT), NotAChatServer)


@pytest.mark.parametrize(("code", "kind"), [(4001, NotSignedIn), (4004, NoSuchRoom), (1011, ConnectionFailed)])
async def test_the_server_closes_at_once(code: int, kind: type[ChatError]) -> None:
    async def close(socket: ServerConnection) -> bool:
        await socket.close(code)
        return True

    async with FakeChat() as server:
        server.on_connect = close

        assert isinstance(await failure(server.url), kind)


@pytest.mark.parametrize(
    "url",
    [
        *("", "chat.example.org", "ftp://chat.example.org", "http://", "http://host:port", "http://[::1"),
        *(
            "http://alice:secret@chat.example.org",
            "http://chat.example.org/?token=secret",
            "ws://host/ws/chat/no%20room/",
        ),
    ],
)
def test_what_cannot_be_an_address_is_said_before_anything_is_sent(url: str) -> None:
    with pytest.raises(InvalidAddress) as caught:
        ChatClient(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "room", "socket_url", "http_url"),
    [
        ("http://host", "lobby", "ws://host/ws/chat/lobby/", "http://host"),
        ("https://host:8443/", None, "wss://host:8443/ws/chat/", "https://host:8443"),
        ("ws://host/ws/chat/lobby/", None, "ws://host/ws/chat/lobby/", "http://host"),
        (
            "wss://host/under/here/ws/chat/lobby",
            "attic",
            "wss://host/under/here/ws/chat/attic/",
            "https://host/under/here",
        ),
        ("http://[::1]:8000", None, "ws://[::1]:8000/ws/chat/", "http://[::1]:8000"),
    ],
)
def test_an_address_may_be_written_in_many_ways(url: str, room: str | None, socket_url: str, http_url: str) -> None:
    address = parse_address(url, room)

    assert (address.socket_url, address.http_url) == (socket_url, http_url)


def answer(status: str, body: bytes) -> Handle:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return handle


@pytest.mark.parametrize(
    ("handle", "kind"),
    [
        (answer("401 Unauthorized", b'{"code": "forbidden", "message": "Wrong name or password."}'), SignInFailed),
        (
            answer("429 Too Many Requests", b'{"code": "rate_limited", "message": "Wait.", "retry_after": 7}'),
            RateLimited,
        ),
        (answer("503 Service Unavailable", b'{"code": "unavailable", "message": "Away."}'), ServerUnreachable),
        (answer("200 OK", b'{"access_token": 5}'), SignInFailed),
        (answer("200 OK", b"<html>"), NotAChatServer),
        (answer("404 Not Found", b"Not here"), NotAChatServer),
        (greet_like_ssh, NotAChatServer),
        (stall, ServerUnreachable),
    ],
)
async def test_signing_in_fails(handle: Handle, kind: type[ChatError]) -> None:
    async with bare_server(handle) as url:
        error = await failure(url, username="alice", patience=SHORT if handle is stall else 10.0)

    assert isinstance(error, kind)
    assert "secret" not in str(error)
    if isinstance(error, RateLimited):
        assert error.retry_after == 7


async def test_a_token_that_would_break_the_header_is_not_sent() -> None:
    async with FakeChat() as server:
        assert isinstance(await failure(server.url, token="abc\r\nX-Evil: 1"), SignInFailed)
        assert server.connects == 0


async def test_a_client_is_used_inside_its_block_alone() -> None:
    async with FakeChat() as server:
        client = ChatClient(server.url, room="lobby")
        with pytest.raises(ClientClosed):
            client.submit("too early")
        with pytest.raises(ClientClosed):
            await anext(client)
        async with client:
            await client.send("in time")
        with pytest.raises(ClientClosed):
            await client.send("too late")
        with pytest.raises(ClientClosed):
            async with client:
                pass
