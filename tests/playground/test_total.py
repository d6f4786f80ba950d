import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from websockets.asyncio.client import ClientConnection, connect

from playground.total import EXACT
from support.servers import RedisServer, Server
from tests.playground.client import ask
from tests.playground.conftest import Address


async def add(socket: ClientConnection, number: str) -> Decimal:
    """The total that the server sends, which must be written like the numbers: without an exponent."""
    sentence, total = (await ask(socket, number)).split("=")
    assert sentence == "Server records total"
    assert "e" not in total.lower()
    return Decimal(total)


async def test_the_numbers_of_all_clients_add_up(address: Address) -> None:
    url = address("total")
    async with connect(url) as alice, connect(url) as bob:
        start = await add(alice, "0")
        assert await add(alice, "5") == start + 5
        assert await add(bob, "-7.5") == start - Decimal("2.5")
        assert await add(alice, "0.1") == start - Decimal("2.4")
        assert await add(bob, "0.2") == start - Decimal("2.2")
        assert await add(bob, " +2.20\n") == start
    async with connect(url) as charlie:
        assert await add(charlie, "0") == start


async def test_the_total_is_written_as_people_write_it(address: Address) -> None:
    async with connect(address("total")) as alice:
        await add(alice, str(-await add(alice, "0")))
        assert await ask(alice, "100") == "Server records total=100"
        assert await ask(alice, "0.50") == "Server records total=100.5"
        assert await ask(alice, "-100.5") == "Server records total=0"


@pytest.mark.parametrize("number", ["9" * 30_000, "0." + "1" * 30_000], ids=["long", "fine"])
async def test_long_numbers_are_added_exactly(address: Address, number: str) -> None:
    async with connect(address("total")) as alice:
        start = await add(alice, "0")
        assert await add(alice, number) == EXACT.add(start, Decimal(number))
        assert await add(alice, f"-{number}") == start


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "five",
        "5 5",
        "1,5",
        "1_000",
        "0x10",
        "1e5",
        "1e999999999",
        "NaN",
        "-Infinity",
        "inf",
        "--1",
        ".",
        "٥",
        "1" * 60_000 + "x",
    ],
)
async def test_what_is_no_number_changes_nothing(address: Address, text: str) -> None:
    async with connect(address("total")) as alice:
        start = await add(alice, "0")
        assert await ask(alice, text) == "Invalid number"
        assert await add(alice, "0") == start


async def test_two_processes_keep_one_exact_total(
    two_processes: Callable[[str], tuple[Server, Server]], redis_server: RedisServer
) -> None:
    one, two = two_processes("total")
    async with connect(one.ws_url) as alice, connect(one.ws_url) as bob, connect(two.ws_url) as charlie:
        start = await add(alice, "0")

        async def add_many(socket: ClientConnection) -> None:
            for _ in range(40):
                await add(socket, "0.1")

        await asyncio.gather(add_many(alice), add_many(bob), add_many(charlie))
        assert await add(charlie, "0") == start + 12

        with redis_server.stopped():
            assert await ask(alice, "1") == "The server has a problem, try again"
        assert await add(alice, "1") == 1, "Redis came back empty, and so did the total"
