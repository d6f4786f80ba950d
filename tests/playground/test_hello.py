import asyncio

from websockets.asyncio.client import connect

from tests.playground.client import ask, hear
from tests.playground.conftest import Address


async def test_a_socket_that_connects_is_greeted_and_stays_open(address: Address) -> None:
    async with connect(address("hello")) as socket:
        assert await hear(socket) == "Hello World!"
        await socket.send("nothing is asked of me")
        assert await ask(socket, b"\x00") == "Text messages only"
        await asyncio.wait_for(await socket.ping(), 10)
