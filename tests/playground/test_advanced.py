import json
import time
from collections.abc import Callable, Generator
from typing import Any

import jwt
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from support.servers import PYTHON, Server, manage, start_server
from tests.playground.client import hear_json

SECRET = "a secret of 32 characters or more"


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    command = [PYTHON, "manage.py", "playground", "advanced", "--port", "{port}", "--secret", SECRET]
    with start_server(command=command) as server:
        yield server


def token(user_id: str | int, username: str, **claims: object) -> str:
    return jwt.encode({"user_id": user_id, "username": username, **claims}, SECRET, algorithm="HS256")


async def enter(server: Server, user_id: str | int, username: str) -> ClientConnection:
    socket = await connect(f"{server.ws_url}/?token={token(user_id, username)}")
    assert await hear_json(socket) == {"type": "authenticated", "user_id": user_id, "username": username}
    return socket


async def send(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def test_rooms_private_messages_and_broadcasts(server: Server) -> None:
    alice, bob = await enter(server, "admin_1", "Alice"), await enter(server, 7, "Bob")
    await send(alice, type="join_room", room="tea")
    assert await hear_json(alice) == {"type": "joined_room", "room": "tea"}
    await send(bob, type="room_message", room="tea", message="from outside")
    await send(bob, type="join_room", room="tea")
    assert await hear_json(bob) == {"type": "joined_room", "room": "tea"}
    assert await hear_json(alice) == {"type": "user_joined", "room": "tea", "user_id": 7, "username": "Bob"}
    await send(bob, type="room_message", room="tea", message="hi")
    for socket in (alice, bob):
        said = await hear_json(socket)
        assert abs(said.pop("timestamp") - time.time()) < 60
        assert said == {"type": "room_message", "room": "tea", "user_id": 7, "username": "Bob", "message": "hi"}

    await send(alice, type="private_message", to=7, message="psst")
    private = await hear_json(bob)
    assert private.pop("timestamp")
    assert private == {
        "type": "private_message",
        "from_user_id": "admin_1",
        "from_username": "Alice",
        "message": "psst",
    }
    await send(bob, type="broadcast", message="all")
    assert await hear_json(bob) == {"type": "error", "message": "No broadcast permission"}
    await send(alice, type="broadcast", message="all")
    for socket in (alice, bob):
        told = await hear_json(socket)
        assert (told["type"], told["from_user_id"], told["message"]) == ("broadcast", "admin_1", "all")

    await send(bob, type="leave_room", room="tea")
    assert await hear_json(alice) == {"type": "user_left", "room": "tea", "user_id": 7, "username": "Bob"}
    await send(bob, type="join_room", room="tea")
    assert (await hear_json(alice))["type"] == "user_joined"
    await bob.close()
    assert await hear_json(alice) == {"type": "user_left", "room": "tea", "user_id": 7, "username": "Bob"}
    await alice.close()


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        ("{", "A message is a JSON object"),
        ('{"type": "dance"}', "Unknown message type: dance"),
        ('{"type": "join_room"}', "Field room is missing or no text"),
        ('{"type": "private_message", "message": "hi"}', "Field to is missing or no user_id"),
    ],
)
async def test_a_refused_frame_does_not_close_the_socket(server: Server, frame: str, answer: str) -> None:
    alice = await enter(server, "u1", "Alice")
    await alice.send(frame)
    assert await hear_json(alice) == {"type": "error", "message": answer}
    await send(alice, type="ping")
    assert await hear_json(alice) == {"type": "pong"}
    await alice.close()


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "Authentication required"),
        ("?token=", "Authentication required"),
        ("?token=nonsense", "Invalid token: "),
        (f"?token={token('u1', 'Alice', exp=1)}", "Invalid token: "),
        (f"?token={jwt.encode({'user_id': 'u1', 'username': 'A'}, 'x' * 32, algorithm='HS256')}", "Invalid token: "),
        (f"?token={jwt.encode({'user_id': 'u1'}, SECRET, algorithm='HS256')}", "Invalid token: "),
        (f"?token={jwt.encode({'user_id': [1], 'username': 'A'}, SECRET, algorithm='HS256')}", "Invalid token: "),
    ],
)
async def test_a_socket_without_a_good_token_is_sent_why_and_closed(server: Server, query: str, why: str) -> None:
    async with connect(f"{server.ws_url}/{query}") as socket:
        refused = await hear_json(socket)
        assert refused["type"] == "error"
        assert refused["message"].startswith(why)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1008


async def test_the_command_prints_tokens_that_both_ways_of_serving_take(start_server: Callable[..., Server]) -> None:
    with start_server(env={"PLAYGROUND": "1"}) as main:
        printed = manage("playground", "advanced", "--token", "Ada:admin_9", env=main.env).strip()
        async with connect(f"{main.ws_url}/ws/playground/advanced/?token={printed}") as ada:
            assert await hear_json(ada) == {"type": "authenticated", "user_id": "admin_9", "username": "Ada"}


async def test_two_processes_are_one_server_and_a_killed_one_is_forgotten(
    two_processes: Callable[[str], tuple[Server, Server]],
) -> None:
    one, two = two_processes("advanced")
    tokens = [manage("playground", "advanced", "--token", name, env=one.env).strip() for name in ("alice", "bob")]
    # Standalone, each process has its own SECRET_KEY.
    tokens[1] = manage("playground", "advanced", "--token", "bob", env=two.env).strip()
    async with (
        connect(f"{one.ws_url}/?token={tokens[0]}") as alice,
        connect(f"{two.ws_url}/?token={tokens[1]}") as bob,
    ):
        assert (await hear_json(bob))["user_id"] == "bob"
        await send(alice, type="join_room", room="tea")
        assert (await hear_json(alice, type="joined_room"))["room"] == "tea"
        await send(bob, type="join_room", room="tea")
        assert (await hear_json(alice))["username"] == "bob"
        await send(alice, type="private_message", to="bob", message="psst")
        assert (await hear_json(bob, type="private_message"))["message"] == "psst"
        two.kill()
        left = {"type": "user_left", "room": "tea", "user_id": "bob", "username": "bob"}
        assert await hear_json(alice) == left
