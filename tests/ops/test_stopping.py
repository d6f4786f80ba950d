"""A stop requested by systemd and compose: orderly, and never longer than they wait."""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from support.servers import Postgres, Server, start_server
from support.wire import NO_LIMITS, Place, texts
from tools.faults.wire import Wire as Network

# The promised limit; compose and systemd kill after 30 s.
STOPPED_SECONDS = 15.0
QUICK = NO_LIMITS | {"CHAT_DRAIN_SECONDS": "1"}


@pytest.fixture
def server() -> Generator[Server]:
    with start_server(env=QUICK) as server:
        yield server


async def stopped(server: Server, *signals: signal.Signals) -> tuple[int, float]:
    """Ask the server to stop; returns the exit code, and the seconds until it exited."""
    began = time.monotonic()
    for number in signals:
        server.child.send(number)
        await asyncio.sleep(0.2)
    code = await asyncio.to_thread(server.child.wait, 2 * STOPPED_SECONDS)
    return code, time.monotonic() - began


@asynccontextmanager
async def stalled(port: int, room: str, token: str) -> AsyncGenerator[ClientConnection]:
    """The socket of a client that stopped reading."""
    url = f"ws://127.0.0.1:{port}/ws/chat/{room}/?token={token}"
    async with connect(url, close_timeout=0.1) as connection:
        connection.transport.pause_reading()
        yield connection
        connection.transport.abort()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_what_is_under_way_is_acknowledged_and_then_everybody_is_sent_elsewhere(
    server: Server, number: signal.Signals
) -> None:
    place = Place(server)
    room = place.public()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        for n in range(20):
            await bob.send("chat_message", message=f"last words {n}", client_id=f"w{n}")
        ending = asyncio.create_task(stopped(server, number))
        assert [await bob.closed(), await carl.closed()] == [1012, 1012]
        assert {event["client_id"] for event in bob.heard if event["type"] == "ack"} == {f"w{n}" for n in range(20)}
        assert texts(carl.heard) == [f"last words {n}" for n in range(20)]
        assert (await ending)[0] == 0
    # `disconnect` ran: no connection is recorded any more.
    assert place.run("from chat.models import *; print(Connection.objects.live().count())").strip() == "0"
    assert "Traceback" not in server.log


async def test_it_says_that_it_is_stopping_and_accepts_no_new_socket(server: Server) -> None:
    place = Place(server)
    async with place.enter("bob", place.public()) as bob, httpx.AsyncClient(base_url=server.url) as probe:
        assert (await probe.get("/readyz")).status_code == 200
        server.child.send(signal.SIGTERM)
        await bob.closed()
        with pytest.raises(ConnectionRefusedError):
            await connect(server.ws_url + "/ws/chat/")
    assert (await stopped(server))[0] == 0


async def test_asked_twice_it_stops_once_and_in_good_order(server: Server) -> None:
    place = Place(server)
    async with place.enter("bob", place.public()) as bob:
        ending = asyncio.create_task(stopped(server, signal.SIGTERM, signal.SIGTERM, signal.SIGINT))
        assert await bob.closed() == 1012
        code, seconds = await ending
    assert (code, seconds <= STOPPED_SECONDS) == (0, True)
    assert "Traceback" not in server.log


async def test_a_client_that_reads_nothing_holds_nothing_up(server: Server) -> None:
    place = Place(server)
    room = place.public()
    async with place.enter("bob", room) as bob, stalled(server.port, room, place.tokens["carl"]):
        for n in range(600):
            await bob.send("chat_message", message="·" * 9000, client_id=f"m{n}")
        await bob.next("ack", client_id="m599")
        ending = asyncio.create_task(stopped(server, signal.SIGTERM))
        assert await bob.closed() == 1012
        code, seconds = await ending
    assert (code, seconds <= STOPPED_SECONDS) == (0, True)


async def test_a_letter_that_is_on_its_way_is_sent() -> None:
    letters: list[str] = []
    asked, stopping = asyncio.Event(), asyncio.Event()

    async def take_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await stopping.wait()
        for answer, line in (("220 here", b"EHLO"), ("250 hello", b"MAIL"), ("250 ok", b"RCPT"), ("250 ok", b"DATA")):
            writer.write(f"{answer}\r\n".encode())
            assert (await reader.readline()).upper().startswith(line)
        writer.write(b"354 go on\r\n")
        letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
        writer.write(b"250 taken\r\n")
        await reader.readline()
        writer.write(b"221 goodbye\r\n")
        writer.close()

    async with await asyncio.start_server(take_slowly, "127.0.0.1", 0) as mailer:
        port = mailer.sockets[0].getsockname()[1]
        env = QUICK | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        with await asyncio.to_thread(start_server, env=env) as server:
            add = "from accounts.models import *; User.objects.create(username='eve', email='eve@example.org')"
            await asyncio.to_thread(server.manage, "shell", "-v0", "-c", add)
            async with httpx.AsyncClient(base_url=server.url) as browser:
                path = "/accounts/password/reset/"
                await browser.get(path)
                form = {"email": "eve@example.org", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
                assert (await browser.post(path, data=form)).status_code == 302
            await asked.wait()
            ending = asyncio.create_task(stopped(server, signal.SIGTERM))
            while "Stopping" not in server.log:
                await asyncio.sleep(0.05)
            stopping.set()
            assert (await ending)[0] == 0
    [letter] = letters
    assert "eve@example.org" in letter


async def test_a_database_that_hangs_holds_nothing_up(postgres: Postgres) -> None:
    async with Network(postgres.port) as network:
        url = postgres.create_database().replace(f":{postgres.port}/", f":{network.port}/")
        server = await asyncio.to_thread(start_server, env=QUICK | {"DATABASE_URL": url, "WEB_PROCESSES": "1"})
        try:
            place = await asyncio.to_thread(Place, server)
            async with place.enter("bob", place.public()) as bob:
                network.vanish()
                await bob.send("chat_message", message="anybody?", client_id="w")
                ending = asyncio.create_task(stopped(server, signal.SIGTERM))
                assert await bob.closed() == 1012
                code, seconds = await ending
            assert (code, seconds <= STOPPED_SECONDS) == (0, True)
        finally:
            server.kill()
