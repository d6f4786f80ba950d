"""A real server and real sockets: who may connect, and what closes the connection."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from support.accounts import PASSWORD
from support.servers import Server


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Generator[Server]:
    with start_server() as running:
        yield running


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """A token of Ada, who has the only account."""
    return server.make_people("ada")["ada"]


@pytest.fixture
async def ada(server: Server, key: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Ada's browser, signed in."""
    async with httpx.AsyncClient(base_url=server.url, headers={"origin": server.url}) as browser:
        await submit(browser, "/accounts/login/", login="ada", password=PASSWORD)
        assert "sessionid" in browser.cookies
        yield browser


async def submit(browser: httpx.AsyncClient, page: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page and submit it."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', (await browser.get(page)).text)
    assert token
    return await browser.post(page, data=fields | {"csrfmiddlewaretoken": token[1]})


def cookie(browser: httpx.AsyncClient) -> dict[str, str]:
    return {"Cookie": f"sessionid={browser.cookies['sessionid']}"}


async def closed_with(socket: ClientConnection) -> int | None:
    """Read until the server closes the socket; returns the code."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(10):
            while True:
                await socket.recv()
    return socket.close_code


async def test_another_sites_page_gets_no_socket_with_adas_cookie(server: Server, ada: httpx.AsyncClient) -> None:
    look_alike = server.url.replace("127.0.0.1", "127.0.0.1.evil.example")
    for origin in (look_alike, server.url.replace("http", "https"), "http://127.0.0.1:1", "null", None):
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"{server.ws_url}/ws/chat/", additional_headers=cookie(ada), origin=origin)  # type: ignore[arg-type]
        assert caught.value.response.status_code == 403
    async with connect(f"{server.ws_url}/ws/chat/", additional_headers=cookie(ada), origin=server.url) as socket:  # type: ignore[arg-type]
        assert '"authenticated"' in str(await socket.recv())


async def test_signing_out_closes_the_sockets_of_that_browser_and_of_no_other(
    server: Server, ada: httpx.AsyncClient, key: str
) -> None:
    browser = connect(f"{server.ws_url}/ws/chat/", additional_headers=cookie(ada), origin=server.url)  # type: ignore[arg-type]
    async with browser as theirs, connect(f"{server.ws_url}/ws/chat/?token={key}") as bot:
        await theirs.recv()
        await bot.recv()
        await submit(ada, "/accounts/logout/")
        assert await closed_with(theirs) == 4010
        await bot.send('{"type": "ping"}')
        while '"pong"' not in str(await bot.recv()):
            pass


async def test_a_new_password_from_the_command_line_closes_every_browsers_sockets(
    server: Server, ada: httpx.AsyncClient
) -> None:
    browser = connect(f"{server.ws_url}/ws/chat/", additional_headers=cookie(ada), origin=server.url)  # type: ignore[arg-type]
    async with browser as socket:
        await socket.recv()
        script = f"user = User.objects.get(); user.set_password({PASSWORD!r}); user.save()"
        server.manage("shell", "-v0", "-c", f"from accounts.models import User; {script}")
        assert await closed_with(socket) == 4010


async def test_no_token_of_a_socket_stands_in_the_log(server: Server, key: str) -> None:
    async with connect(f"{server.ws_url}/ws/chat/?token={key}") as socket:
        await socket.recv()
    async with connect(f"{server.ws_url}/ws/chat/?token={key}x&ticket=secret-ticket") as socket:
        assert await closed_with(socket) == 4001
    assert key not in server.log
    assert "secret-ticket" not in server.log
