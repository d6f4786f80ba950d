import json
from collections.abc import Callable
from datetime import datetime

import pytest
from websockets.asyncio.client import connect

from support.servers import Server
from tests.playground.client import hear_json
from tests.playground.conftest import Address


async def test_people_come_and_speak_and_go(address: Address) -> None:
    url = address("chat")
    async with connect(url) as alice:
        welcome = await hear_json(alice)
        assert datetime.fromisoformat(welcome.pop("timestamp")).tzinfo is not None
        assert welcome == {"type": "system", "message": "Connected to server", "client_count": 1}

        async with connect(url) as bob:
            assert (await hear_json(bob))["client_count"] == 2
            joined = await hear_json(alice)
            assert datetime.fromisoformat(joined.pop("timestamp"))
            assert joined == {"type": "system", "message": "New client joined. Total: 2"}

            await bob.send(json.dumps({"content": "hi", "sender": "Bob"}))
            await bob.send(json.dumps({"content": "it is me"}))
            for socket in (alice, bob):
                said = await hear_json(socket)
                assert datetime.fromisoformat(said.pop("timestamp"))
                assert said == {"type": "message", "content": "hi", "sender": "Bob"}
                assert (await hear_json(socket))["sender"] == "anonymous"

        left = await hear_json(alice)
        assert datetime.fromisoformat(left.pop("timestamp"))
        assert left == {"type": "system", "message": "Client left. Total: 1"}


@pytest.mark.parametrize(
    "text",
    [
        *("", "hello", "{", "null", "5", '"text"', "[]", '{"content": 5}'),
        *('{"content": "hi", "sender": 5}', '{"content": NaN}', "[" * 60_000, "1" * 60_000),
    ],
)
async def test_a_message_of_another_form_is_refused(address: Address, text: str) -> None:
    async with connect(address("chat")) as alice:
        await alice.send(text)
        refused = await hear_json(alice, type="error")
        assert refused == {"type": "error", "message": "Invalid message format"}
        await alice.send('{"content": "still here"}')
        assert (await hear_json(alice, type="message"))["content"] == "still here"


async def test_too_large_or_binary_frames_are_refused(address: Address) -> None:
    async with connect(address("chat")) as alice:
        await alice.send(json.dumps({"content": "x" * 65_536}))
        assert (await hear_json(alice, type="error"))["message"] == "Message too large"
        await alice.send(b'{"content": "hi"}')
        assert (await hear_json(alice, type="error"))["message"] == "Text messages only"


@pytest.mark.parametrize(("frame", "sender"), [("{}", "anonymous"), ('{"sender": "Bob"}', "Bob")])
async def test_a_frame_without_content_is_an_empty_message(address: Address, frame: str, sender: str) -> None:
    async with connect(address("chat")) as alice:
        await alice.send(frame)
        said = await hear_json(alice, type="message")
        assert (said["content"], said["sender"]) == ("", sender)


async def test_any_text_arrives_as_it_was_written(address: Address) -> None:
    async with connect(address("chat")) as alice:
        for content in ["👋 grüß", "<b>&amp;</b>", "\x00", "\ud800", ""]:
            await alice.send(json.dumps({"content": content, "type": "tell"}))
            assert (await hear_json(alice, type="message"))["content"] == content


async def test_two_processes_are_one_room_and_a_killed_one_is_forgotten(
    two_processes: Callable[[str], tuple[Server, Server]],
) -> None:
    one, two = two_processes("chat")
    async with connect(one.ws_url) as alice, connect(two.ws_url) as bob, connect(two.ws_url) as charlie:
        assert (await hear_json(alice))["client_count"] == 1
        assert (await hear_json(bob))["client_count"] == 2
        assert (await hear_json(charlie))["client_count"] == 3
        assert [(await hear_json(alice))["message"][-8:] for _ in range(2)] == ["Total: 2", "Total: 3"]
        await bob.send('{"content": "hi"}')
        assert (await hear_json(alice))["content"] == "hi"

        two.kill()
        left = [(await hear_json(alice))["message"] for _ in range(2)]
        assert left == ["Client left. Total: 2", "Client left. Total: 1"]
    async with connect(one.ws_url) as dora:
        assert (await hear_json(dora))["client_count"] <= 2, "only Alice may still be on her way out"
