import json
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from support.servers import Server
from tests.playground.client import hear_json
from tests.playground.conftest import Address


async def test_clients_speak_to_all_others_and_to_rooms(address: Address) -> None:
    url = address("manager").rstrip("/")
    async with connect(f"{url}/ws/alice") as alice, connect(f"{url}/ws/bob") as bob:
        async with connect(f"{url}/ws/Ch%C3%A4rlie") as charlie:
            await charlie.send(json.dumps({"type": "chat", "text": "hi"}))
            for socket in (alice, bob):
                assert await hear_json(socket) == {"type": "chat", "client_id": "Chärlie", "message": "hi"}
            # Alice is the first in the room, and receives her own arrival.
            await alice.send(json.dumps({"type": "join_room", "room": "tea 🍵"}))
            assert await hear_json(alice) == {"type": "user_joined", "client_id": "alice"}
            await bob.send(json.dumps({"type": "join_room", "room": "tea 🍵"}))
            for socket in (alice, bob):
                assert await hear_json(socket) == {"type": "user_joined", "client_id": "bob"}
            # A sender who is not in the room does not receive the message.
            await charlie.send(json.dumps({"type": "room_message", "room": "tea 🍵", "text": "from outside"}))
            await bob.send(json.dumps({"type": "room_message", "room": "tea 🍵", "text": "from inside"}))
            for socket in (alice, bob):
                said = {(await hear_json(socket))["message"] for _ in range(2)}
                assert said == {"from outside", "from inside"}
            await alice.send(json.dumps({"type": "chat", "text": "to all"}))
            # Charlie received nothing else before this.
            assert (await hear_json(charlie))["message"] == "to all"
            assert (await hear_json(bob))["message"] == "to all"
        for socket in (alice, bob):
            assert await hear_json(socket) == {"type": "user_disconnected", "client_id": "Chärlie"}


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        ("hello", "A message is a JSON object"),
        ("[]", "A message is a JSON object"),
        ("{}", "Unknown message type: None"),
        ('{"type": "connect"}', "Unknown message type: connect"),
        ('{"type": ["chat"]}', "Unknown message type: ['chat']"),
        ('{"type": "chat"}', "Field text is missing or no text"),
        ('{"type": "join_room", "room": 5}', "Field room is missing or no text"),
        ('{"type": "room_message", "room": "tea"}', "Field text is missing or no text"),
        (json.dumps({"type": "join_room", "room": "x" * 65}), "You are in too many rooms, or this is no name of one"),
    ],
)
async def test_a_refused_frame_does_not_close_the_socket(address: Address, frame: str, answer: str) -> None:
    async with connect(f"{address('manager').rstrip('/')}/ws/alice") as alice:
        await alice.send(frame)
        # The departure of the previous test's Alice may be sent to this one.
        assert await hear_json(alice, type="error") == {"type": "error", "message": answer}
        await alice.send('{"type": "join_room", "room": "tea"}')
        assert await hear_json(alice, type="user_joined") == {"type": "user_joined", "client_id": "alice"}


async def test_an_address_without_a_name_is_refused(address: Address) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{address('manager').rstrip('/')}/ws/").__aenter__()
    assert refused.value.response.status_code == 403


async def test_two_processes_are_one_server_and_a_killed_one_is_forgotten(
    two_processes: Callable[[str], tuple[Server, Server]],
) -> None:
    one, two = two_processes("manager")
    async with connect(f"{one.ws_url}/ws/alice") as alice, connect(f"{two.ws_url}/ws/bob") as bob:
        await bob.send('{"type": "chat", "text": "hi"}')
        assert await hear_json(alice) == {"type": "chat", "client_id": "bob", "message": "hi"}
        two.kill()
        assert await hear_json(alice) == {"type": "user_disconnected", "client_id": "bob"}
