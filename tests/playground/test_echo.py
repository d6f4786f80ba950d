from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from support.servers import Server
from tests.playground.client import ask
from tests.playground.conftest import Address

FITS = "x" * 65_536


@pytest.mark.parametrize("text", ["hello", "", "  ", "grüß 👋", '{"type": "tell"}', "a\x00b", FITS])
async def test_every_text_comes_back(address: Address, text: str) -> None:
    async with connect(address("echo")) as socket:
        assert await ask(socket, text) == f"Pong: {text}"


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        (FITS + "x", "Message too large"),
        ("ü" * 32_769, "Message too large"),
        (b"bytes", "Text messages only"),
        (b"", "Text messages only"),
    ],
)
async def test_a_refused_frame_does_not_close_the_socket(address: Address, frame: str | bytes, answer: str) -> None:
    async with connect(address("echo")) as socket:
        assert await ask(socket, frame) == answer
        assert await ask(socket, "still there?") == "Pong: still there?"


async def test_answers_go_to_the_sender_in_order(address: Address) -> None:
    async with connect(address("echo")) as alice, connect(address("echo")) as bob:
        for number in range(100):
            await alice.send(str(number))
        assert await ask(bob, "bob") == "Pong: bob"
        assert [await alice.recv() for _ in range(100)] == [f"Pong: {number}" for number in range(100)]


async def test_a_page_of_another_origin_may_play(address: Address) -> None:
    async with connect(address("echo"), origin=Origin("https://elsewhere.example")) as socket:
        assert await ask(socket, "hello") == "Pong: hello"


async def test_production_does_not_serve_the_playground(start_server: Callable[..., Server]) -> None:
    with start_server() as server:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{server.ws_url}/ws/playground/echo/").__aenter__()
        assert refused.value.response.status_code in (403, 404)
