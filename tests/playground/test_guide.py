import json
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect

from support.servers import Server
from tests.playground.client import ask, hear, hear_json
from tests.playground.conftest import Address

WELCOME = {"type": "welcome", "message": "Connected to WebSocket server"}


async def test_every_message_comes_back(address: Address) -> None:
    async with connect(address("guide")) as alice:
        assert await hear_json(alice) == WELCOME
        for message in [{"text": "hi"}, {"broadcast": False}, [], 5, None, "text", {"n": 10**30}, {"": {"a": [1.5]}}]:
            assert json.loads(await ask(alice, json.dumps(message))) == {"type": "echo", "data": message}


async def test_numbers_come_back_as_they_were_written(address: Address) -> None:
    async with connect(address("guide")) as alice:
        await hear_json(alice)
        assert await ask(alice, '{"n": 1.10, "m": 1e999}') == '{"type": "echo", "data": {"n": 1.10, "m": 1e999}}'


async def test_a_broadcast_comes_to_the_others_as_it_was_sent(address: Address) -> None:
    url = address("guide")
    async with connect(url) as alice, connect(url) as bob:
        await hear_json(alice)
        await hear_json(bob)
        for untrue in ("false", "0", '""', "null", "[]", "{}"):
            text = f'{{"broadcast": {untrue}, "text": "mine"}}'
            assert json.loads(await ask(alice, text))["type"] == "echo"
        text = '{ "broadcast": true,  "text": "gr\\u00fc\\u00df", "n": 1.10 }'
        assert json.loads(await ask(alice, text))["data"] == json.loads(text)
        assert await hear(bob) == text
        # Values that are true in the guide's Python code trigger a broadcast.
        for true in ("true", "1", '"yes"', '"no"', "[0]"):
            await bob.send(f'{{"broadcast": {true}, "text": "back"}}')
            assert (await hear_json(alice))["text"] == "back"


@pytest.mark.parametrize("text", ["", "hello", "{", "{'a': 1}", "NaN", '{"n": Infinity}', "[" * 60_000, "1" * 60_000])
async def test_what_is_no_json_is_refused(address: Address, text: str) -> None:
    async with connect(address("guide")) as alice:
        await hear_json(alice)
        assert json.loads(await ask(alice, text)) == {"type": "error", "message": "Invalid JSON"}
        assert json.loads(await ask(alice, "{}")) == {"type": "echo", "data": {}}


async def test_too_large_or_binary_frames_are_refused(address: Address) -> None:
    async with connect(address("guide")) as alice:
        await hear_json(alice)
        assert json.loads(await ask(alice, b"{}")) == {"type": "error", "message": "Text messages only"}
        large = json.dumps({"broadcast": True, "text": "x" * 65_536})
        assert json.loads(await ask(alice, large)) == {"type": "error", "message": "Message too large"}


async def test_a_broadcast_reaches_the_other_process(two_processes: Callable[[str], tuple[Server, Server]]) -> None:
    one, two = two_processes("guide")
    async with connect(one.ws_url) as alice, connect(two.ws_url) as bob:
        await hear_json(alice)
        await hear_json(bob)
        await alice.send('{"broadcast": true}')
        assert await hear_json(bob) == {"broadcast": True}
