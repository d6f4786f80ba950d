from collections.abc import Callable

from websockets.asyncio.client import connect

from support.servers import Server
from tests.playground.client import hear
from tests.playground.conftest import Address


async def test_everybody_but_the_sender_hears_it(address: Address) -> None:
    url = address("broadcast")
    async with connect(url) as alice, connect(url) as bob, connect(url) as charlie:
        await alice.send("hi")
        assert await hear(bob) == await hear(charlie) == "Someone said: hi"
        await bob.send("hello Alice")
        # Alice received none of her own messages before this.
        assert await hear(alice) == await hear(charlie) == "Someone said: hello Alice"


async def test_a_refused_frame_reaches_no_other_socket(address: Address) -> None:
    url = address("broadcast")
    async with connect(url) as alice, connect(url) as bob:
        await alice.send(b"bytes")
        assert await hear(alice) == "Text messages only"
        await alice.send("x" * 70_000)
        assert await hear(alice) == "Message too large"
        await alice.send("text")
        assert await hear(bob) == "Someone said: text"


async def test_a_burst_arrives_whole_and_in_order(address: Address) -> None:
    url = address("broadcast")
    async with connect(url) as alice, connect(url) as bob:
        for number in range(500):
            await alice.send(str(number))
        assert [await hear(bob) for _ in range(500)] == [f"Someone said: {number}" for number in range(500)]


async def test_clients_of_two_processes_hear_each_other(two_processes: Callable[[str], tuple[Server, Server]]) -> None:
    one, two = two_processes("broadcast")
    async with connect(one.ws_url) as alice, connect(two.ws_url) as bob:
        await alice.send("hi")
        assert await hear(bob) == "Someone said: hi"
        await bob.send("hello")
        assert await hear(alice) == "Someone said: hello"
