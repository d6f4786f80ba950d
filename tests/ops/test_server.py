"""A server from an operator's view: staff act in the admin, sockets receive it, and the log reveals no secret."""

import asyncio
import contextlib
import json
import re
import socket as connection
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from support.password import PASSWORD
from support.servers import Server, start_server

SECRET_TEXT = "the-treasure-is-under-the-oak"


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    with start_server(env={"LOG_FORMAT": "json"}) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    """A token of Bob."""
    return server.make_people("ada", "bob")["bob"]


@pytest.fixture
def office(server: Server, token: str) -> Generator[httpx.Client]:
    """Ada's browser; hers is the first account, so she is the administrator."""
    with httpx.Client(base_url=server.url, follow_redirects=True, headers={"Origin": server.url}) as browser:
        browser.get("/accounts/login/")
        submit(browser, "/accounts/login/", login="ada", password=PASSWORD)
        yield browser


def submit(browser: httpx.Client, path: str, **fields: Any) -> httpx.Response:
    response = browser.post(path, data={"csrfmiddlewaretoken": browser.cookies["csrftoken"], **fields})
    assert response.status_code == 200, response.text
    return response


@asynccontextmanager
async def socket(server: Server, token: str) -> AsyncGenerator[ClientConnection]:
    async with websockets.connect(f"{server.ws_url}/ws/chat/lobby/?token={token}") as connection:
        await hear(connection, "history")
        yield connection


async def hear(connection: ClientConnection, kind: str, **facts: Any) -> dict[str, Any]:
    """The next event of a kind; others are skipped."""
    async with asyncio.timeout(10):
        while True:
            event: dict[str, Any] = json.loads(await connection.recv())
            if event["type"] == kind and all(event.get(name) == fact for name, fact in facts.items()):
                return event


async def say(connection: ClientConnection, text: str) -> int:
    await connection.send(json.dumps({"type": "chat_message", "message": text}))
    return int((await hear(connection, "message", message=text))["seq"])


async def in_thread(call: Callable[..., httpx.Response], *args: Any, **kwargs: Any) -> httpx.Response:
    return await asyncio.to_thread(call, *args, **kwargs)


def row(page: httpx.Response, model: str) -> str:
    """The key of the first row of a list."""
    found = re.search(rf"/admin/chat/{model}/([\w-]+)/change/", page.text)
    assert found, page.text
    return found[1]


def lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]


async def until(found: Callable[[], Any]) -> Any:
    async with asyncio.timeout(10):
        while not (result := found()):
            await asyncio.sleep(0.05)
        return result


class TestOffice:
    async def test_an_edit_and_a_deletion_reach_the_open_sockets(
        self, server: Server, token: str, office: httpx.Client
    ) -> None:
        async with socket(server, token) as bob:
            seq = await say(bob, "call 555-1234")
            listed = await in_thread(office.get, f"/admin/chat/message/?q=room:lobby+seq:{seq}")
            key = row(listed, "message")
            await in_thread(submit, office, f"/admin/chat/message/{key}/change/", text="call me", reason="number")
            edited = await hear(bob, "message", seq=seq)
            assert (edited["message"], bool(edited["edited_at"])) == ("call me", True)
            form = {"action": "take_away", "_selected_action": key, "confirmed": "yes", "reason": "enough"}
            await in_thread(submit, office, "/admin/chat/message/", **form)
            deleted = await hear(bob, "message", seq=seq)
            assert (deleted["deleted"], deleted["deleted_by"], deleted["message"]) == (True, "ada", "")
            assert deleted["rev"] == edited["rev"] + 1

    async def test_an_announcement_reaches_everybody(self, server: Server, token: str, office: httpx.Client) -> None:
        async with socket(server, token) as bob:
            await in_thread(submit, office, "/admin/chat/serverstate/announce/", message="Back at nine")
            told = await hear(bob, "announcement")
            assert (told["message"], told["username"]) == ("Back at nine", "ada")

    async def test_a_connection_is_closed_from_the_list(self, server: Server, token: str, office: httpx.Client) -> None:
        async with socket(server, token) as bob:

            def listed() -> httpx.Response | None:
                page = office.get("/admin/chat/connection/?q=bob")
                return (
                    page if "/admin/chat/connection/" in page.text and re.search(r"[\da-f-]{36}/", page.text) else None
                )

            key = row(await until(listed), "connection")
            form = {"action": "close", "_selected_action": key, "confirmed": "yes"}
            await in_thread(submit, office, "/admin/chat/connection/", **form)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await hear(bob, "never")
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 4010


class TestLog:
    async def test_a_life_is_two_lines_and_neither_gives_anything_away(self, server: Server, token: str) -> None:
        before = len(lines(server))
        async with socket(server, token) as bob:
            await say(bob, SECRET_TEXT)
            await bob.send("{not json")
            await hear(bob, "error", code="bad_json")
            await bob.close(1000)
        [opened] = [line for line in lines(server)[before:] if line["event"] == "socket opened"]
        # A socket of an earlier test may close after this one opened.
        [closed] = await until(
            lambda: [
                line
                for line in lines(server)[before:]
                if line["event"] == "socket closed" and line["connection"] == opened["connection"]
            ]
        )
        assert (opened["user"], opened["address"]) == (closed["user"], "127.0.0.1")
        assert (closed["code"], closed["received"], closed["dropped"]) == (1000, 2, 0)
        assert closed["sent"] >= 5
        assert closed["sent_bytes"] > 500
        assert 0 < closed["seconds"] < 60

    async def test_a_host_that_is_none_of_ours_is_a_line(self, server: Server) -> None:
        async with httpx.AsyncClient(base_url=server.url, headers={"Host": "elsewhere.example"}) as scanner:
            assert (await scanner.get("/")).status_code == 400
        [line] = [line for line in lines(server) if "elsewhere.example" in line["event"]]
        assert line["logger"] == "django.security.DisallowedHost"
        assert "Traceback" not in server.log

    async def test_nothing_secret_stands_anywhere_in_it(self, server: Server, token: str) -> None:
        async with socket(server, token) as bob:
            await say(bob, SECRET_TEXT)
        async with httpx.AsyncClient(base_url=server.url) as stranger:
            await stranger.get("/nothing", params={"token": token})
            await stranger.get("/nothing", headers={"Authorization": f"Bearer {token}"})
            await stranger.post("/accounts/login/", data={"login": "bob", "password": PASSWORD})
            await stranger.get(f"/api/v1/rooms/{SECRET_TEXT}-no-room/messages?token={token}")
        with pytest.raises(websockets.ConnectionClosed):
            async with websockets.connect(f"{server.ws_url}/ws/chat/lobby/?token=bc_wrong_but_still_secret") as refused:
                await refused.recv()
        await until(lambda: any(line["event"] == "socket refused" and line["code"] == 4001 for line in lines(server)))
        log = server.log.replace(f"{SECRET_TEXT}-no-room", "")
        assert "Not Found: /nothing" in log
        for secret in (token, SECRET_TEXT, PASSWORD, "bc_wrong_but_still_secret", "token=bc"):
            assert secret not in log


class TestHandshakes:
    @pytest.mark.parametrize(
        ("line", "status"),
        [
            (b"X-Nothing: wrong", 101),
            (b"Origin: http://elsewhere.example", 101),  # a token is valid from any origin
            (b"Origin: nowhere", 403),
            (b"Origin: http://[::1", 403),
            (b"Origin: http://127.0.0.1:8000.elsewhere.example", 403),
            (b"Sec-WebSocket-Protocol: \xff, chat.v1", 400),
            (b"X-\xff: wrong", 400),
        ],
    )
    async def test_a_strange_one_is_refused_without_noise(
        self, server: Server, token: str, line: bytes, status: int
    ) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        request = (
            f"GET /ws/chat/?token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        )
        writer.write(request.encode() + line + b"\r\n\r\n")
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)
        writer.close()
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert "Traceback" not in server.log


class TestMetrics:
    async def test_a_session_is_counted(self, server: Server, token: str) -> None:
        async with httpx.AsyncClient(base_url=server.url) as prometheus:

            async def sample(name: str) -> float:
                text = (await prometheus.get("/metrics")).text
                values = re.findall(rf"^backchannel_{re.escape(name)} (\S+)$", text, re.MULTILINE)
                return float(values[0]) if values else 0.0

            counted = (
                'connects_total{outcome="accepted"}',
                'commands_total{command="chat_message"}',
                'errors_total{code="unknown_type"}',
                "commit_messages_sum",
                "commit_seconds_count",
                'delivery_seconds_count{process="same"}',
                "received_frames_total",
            )
            before = [await sample(name) for name in counted]
            sent_before = await sample("sent_bytes_total")
            sockets_before = await sample("sockets")
            async with socket(server, token) as bob:
                await say(bob, "one")
                await say(bob, "two")
                await bob.send('{"type": "juggle"}')
                await hear(bob, "error")
                after = [await sample(name) for name in counted]
                assert await sample("sockets") == sockets_before + 1
                assert await sample("sent_bytes_total") > sent_before
            gained = dict(zip(counted, (now - then for now, then in zip(after, before, strict=True)), strict=True))
            assert gained == dict(zip(counted, (1, 2, 1, 2, 2, 2, 3), strict=True))
            assert await sample("layer_well") == 1
            await until_async(lambda: sample("sockets"), sockets_before)
            assert await sample('closes_total{code="1000"}') >= 1
            assert (await prometheus.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})).status_code == 404


async def until_async(ask: Callable[[], Any], wanted: float) -> None:
    async with asyncio.timeout(10):
        while await ask() != wanted:
            await asyncio.sleep(0.05)


def test_hundreds_of_connections_wait_for_a_server_that_is_busy() -> None:
    """Without room in the backlog, connections are dropped, and clients try again one second later, then three."""
    with start_server() as server, contextlib.ExitStack() as waiting:
        server.pause()
        try:
            for _ in range(200):
                waiting.enter_context(connection.create_connection(("127.0.0.1", server.port), timeout=30))
        finally:
            server.resume()


DAPHNE = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "your_project.asgi:application"]
UVICORN = [sys.executable, "-m", "uvicorn", "--port", "{port}", "your_project.asgi:application"]


@pytest.mark.parametrize("command", [DAPHNE, UVICORN], ids=["daphne", "uvicorn"])
async def test_the_plain_commands_print_no_query(command: list[str]) -> None:
    with start_server(command=command) as server:
        httpx.get(f"{server.url}/nothing?token=bc_0123456789&room=x")
        with pytest.raises(websockets.ConnectionClosed):
            async with websockets.connect(f"{server.ws_url}/ws/chat/lobby/?ticket=once-and-for-all") as refused:
                await refused.recv()
        assert re.search('"GET /nothing( HTTP/1.1)?" 404', server.log)
        for secret in ("bc_0123456789", "once-and-for-all"):
            assert secret not in server.log
