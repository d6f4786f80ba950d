import json
import re
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any, NamedTuple

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from support.password import PASSWORD
from support.servers import Server, start_server
from tests.playground.client import hear_json
from tests.playground.conftest import serve_alone


class Place(NamedTuple):
    """A server, and two people who may sign in; standalone it knows only one name."""

    server: Server
    prefix: str
    people: dict[str, str]

    def token(self, username: str) -> str:
        form = {"username": username, "password": self.people[username]}
        answer = httpx.post(f"{self.server.url}{self.prefix}/token", data=form)
        assert answer.status_code == 200
        assert answer.json()["token_type"] == "bearer"
        return str(answer.json()["access_token"])

    def socket(self, token: str) -> connect:
        return connect(f"{self.server.ws_url}{self.prefix}/ws?token={token}")


@pytest.fixture(scope="module", params=["alone", "mounted"])
def place(request: pytest.FixtureRequest) -> Generator[Place]:
    if request.param == "alone":
        with serve_alone("members") as server:
            found = re.search(r"the name is (\S+), the password (\S+)", server.log)
            assert found
            yield Place(server, "", {found[1]: found[2]})
    else:
        with start_server(env={"PLAYGROUND": "1"}) as server:
            server.make_people("alice", "bob")
            yield Place(server, "/ws/playground/members", {"alice": PASSWORD, "bob": PASSWORD})


async def send(socket: ClientConnection, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def test_members_come_and_speak_and_go(place: Place) -> None:
    first, last = next(iter(place.people)), list(place.people)[-1]
    async with place.socket(place.token(first)) as alice:
        await send(alice, type="join_room", room="tea")
        assert await hear_json(alice) == {"type": "join_result", "success": True, "room": "tea"}
        async with place.socket(place.token(last)) as bob:
            await send(bob, type="join_room", room="tea")
            assert await hear_json(bob) == {"type": "join_result", "success": True, "room": "tea"}
            assert await hear_json(alice) == {"type": "user_joined", "user": last, "room": "tea"}
            await send(bob, type="room_message", room="tea", text="hi")
            for socket in (alice, bob):
                said = await hear_json(socket)
                assert datetime.fromisoformat(said.pop("timestamp")).tzinfo is not None
                assert said == {"type": "message", "user": last, "text": "hi"}
            await send(bob, type="leave_room", room="tea")
            assert await hear_json(alice) == {"type": "user_left", "user": last, "room": "tea"}
            await send(bob, type="room_message", room="tea", text="from outside")
            assert await hear_json(bob) == {"type": "error", "message": "Join the room first"}
            for room in ("tea", "cake"):
                await send(bob, type="join_room", room=room)
                assert (await hear_json(bob))["success"]
            assert (await hear_json(alice))["type"] == "user_joined"
        assert await hear_json(alice) == {"type": "user_left", "user": last, "room": "tea"}
        await send(alice, type="join_room", room="private-somebody")
        assert await hear_json(alice) == {"type": "join_result", "success": False, "room": "private-somebody"}
        await send(alice, type="join_room", room=f"private-{first}")
        assert (await hear_json(alice))["success"]


def test_a_token_is_given_for_the_right_password_alone(place: Place) -> None:
    username = next(iter(place.people))
    url = f"{place.server.url}{place.prefix}/token"
    right = {"username": username, "password": place.people[username]}
    for answer in (httpx.post(url, params=right), httpx.post(url, json=right), httpx.post(url, data=right)):
        assert answer.status_code == 200
    for wrong in ({**right, "password": "wrong"}, {"username": username}, {}, {"username": "\x00", "password": "é"}):
        answer = httpx.post(url, json=wrong)
        assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid credentials"})
    assert httpx.post(url, content=b"{" * 9_000, headers={"content-type": "application/json"}).status_code == 401
    assert httpx.get(url).status_code == 405


@pytest.mark.parametrize("token", ["", "wrong", "a.b.c"])
async def test_a_socket_without_a_token_is_refused(place: Place, token: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await place.socket(token).__aenter__()
    assert refused.value.response.status_code == 403


async def test_members_of_a_killed_process_leave_their_rooms(
    two_processes: Callable[[str], tuple[Server, Server]],
) -> None:
    one, two = (
        Place(server, "", dict(re.findall(r"name is (\S+), the password (\S+)", server.log)))
        for server in two_processes("members")
    )
    async with one.socket(one.token("demo")) as alice, two.socket(two.token("demo")) as bob:
        for socket in (alice, bob):
            await send(socket, type="join_room", room="tea")
            assert (await hear_json(socket))["type"] == "join_result"
        assert (await hear_json(alice))["type"] == "user_joined"
        two.server.kill()
        assert await hear_json(alice) == {"type": "user_left", "user": "demo", "room": "tea"}
