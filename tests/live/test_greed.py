"""Limits on one person's sockets and sends."""

import asyncio
import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from typing import Any

import pytest

from support.servers import Server
from support.wire import SERVE, Place

QUESTIONS: dict[str, dict[str, Any]] = {"history": {}, "command": {"command": "users"}}


@pytest.fixture(scope="module")
def strict(start_server: Callable[..., Server]) -> Generator[Place]:
    env = {
        "CHAT_SEND_LIMIT": "5/10s",
        "CHAT_SOCKETS_PER_USER": "3",
        "CHAT_CONNECT_LIMIT": "0",
        "CHAT_ROOM_LIMIT": "2/1h",
    }
    with start_server(env=env, command=SERVE) as server:
        yield Place(server)


async def test_the_sockets_of_a_person_are_limited(strict: Place) -> None:
    async with strict.enter("bob"), strict.enter("bob", "lobby"), strict.enter("bob") as last:
        async with strict.dial("bob") as one_too_many:
            assert await one_too_many.closed() == 4009
            assert one_too_many.heard == []
        async with strict.enter("carl") as carl:
            assert (await carl.ask("ping"))["type"] == "pong"
        assert (await last.ask("ping"))["type"] == "pong"
    async with strict.enter("bob") as again:
        assert (await again.ask("ping"))["type"] == "pong"


async def test_too_many_sends_are_refused_over_all_sockets_of_a_person(strict: Place) -> None:
    room = strict.private()
    async with strict.enter("bob", room) as here, strict.enter("bob", room) as there:
        for n in range(5):
            assert (await (here, there)[n % 2].ask("chat_message", message=f"{n}"))["type"] == "ack"
        error = await there.ask("chat_message", message="too much", client_id="c")
        assert (error["code"], error["client_id"]) == ("rate_limited", "c")
        assert 0 < error["retry_after"] <= 2
        assert (await there.ask("ping"))["type"] == "pong"
        assert (await there.ask("history"))["type"] == "history"


async def test_whatever_writes_a_line_pays_from_the_same_budget(strict: Place) -> None:
    room = strict.public()
    async with strict.enter("dora", room) as dora:
        for n in range(3):
            await dora.ask("leave_room", room=room)
            await dora.ask("join_room", room=room)
            await dora.ask("command", command="topic", topic=f"{n}", room=room)
        codes = [event["code"] for event in dora.heard if event["type"] == "error"]
        assert "rate_limited" in codes
        error = await dora.ask("chat_message", message="and I have nothing left", room=room)
        assert error["code"] == "rate_limited"


async def test_typing_on_and_off_is_counted_too(strict: Place) -> None:
    room = strict.public()
    async with strict.enter("bob", room) as bob, strict.enter("carl", room) as carl:
        for n in range(60):
            await carl.send("typing", is_typing=n % 2 == 0)
        assert (await carl.ask("chat_message", message="heard all the same"))["type"] == "ack"
        await bob.next("message")
        assert len([event for event in bob.heard if event["type"] == "typing"]) <= 15


async def test_questions_that_read_much_are_counted_over_all_sockets_of_a_person(strict: Place) -> None:
    async with strict.enter("bob") as here, strict.enter("bob") as there, strict.enter("carl") as carl:
        for kind, more in itertools.islice(itertools.cycle(QUESTIONS.items()), 140):
            for wire in (here, there):
                await wire.send(kind, request_id="asked", room="nowhere", **more)
        told = [await wire.next("error", request_id="asked") for wire in (here, there) for _ in range(140)]
        refused = [error for error in told if error["code"] == "rate_limited"]
        assert {error["code"] for error in told} == {"not_found", "rate_limited"}
        assert all(0 < error["retry_after"] <= 0.3 for error in refused)
        assert (await carl.ask("history", room="nowhere"))["code"] == "not_found", "others ask as before"


async def test_a_socket_that_goes_on_over_the_limit_is_closed(strict: Place) -> None:
    room = strict.private()
    async with strict.enter("carl", room) as carl:
        for n in range(500):
            await carl.send("chat_message", message=f"{n}")
        assert await carl.closed() == 4029
        codes = [event["code"] for event in carl.heard if event["type"] == "error"]
        assert set(codes) == {"rate_limited"}
        # 300, plus 5 for each second that it took.
        assert 300 <= len(codes) <= 400


async def test_the_sockets_of_an_address_are_limited(start_server: Callable[..., Server]) -> None:
    with start_server(env={"CHAT_CONNECT_LIMIT": "2/60s"}, command=SERVE) as server:
        place = Place(server)
        async with place.enter("bob"), place.enter("carl"), place.dial("bob") as third:
            assert await third.closed() == 4029
            assert [event["code"] for event in third.heard] == ["rate_limited"]
            assert 0 < third.heard[0]["retry_after"] <= 30


async def test_the_owner_of_very_many_rooms_is_greeted_in_pages(strict: Place) -> None:
    strict.run(_MANY_ROOMS)
    # Not Carl: he has spent his messages in a test before this one.
    async with strict.enter("fay") as fay, strict.enter("ida") as ida:
        pages = [fay.first, await fay.next("rooms"), await fay.next("rooms")]
        assert [len(page["rooms"]) for page in pages] == [1000, 1000, 5]
        assert [page.get("more", False) for page in pages] == [True, True, False]
        assert len({entry["room"] for page in pages for entry in page["rooms"]}) == 2005
        await ida.ask("join_room", room="many-2004")
        assert (await ida.ask("chat_message", room="many-2004", message="heard?"))["type"] == "ack"
        assert (await fay.next("message", kind="text"))["message"] == "heard?"


async def test_the_rooms_that_a_person_makes_in_an_hour_are_limited(strict: Place) -> None:
    made = [await asyncio.to_thread(_make_room, strict, f"made-{n}") for n in range(3)]
    assert made[:2] == [201, 201]
    assert made[2] == 429


_MANY_ROOMS = """
from chat.models import Participant
from chat.models import Membership, Room
fay = Participant.objects.get(username="fay")
rooms = Room.objects.bulk_create(Room(slug=f"many-{n}") for n in range(2005))
Membership.objects.bulk_create(Membership(room=room, user=fay, role="owner") for room in rooms)
"""


def _make_room(place: Place, slug: str) -> int:
    headers = {"Authorization": f"Bearer {place.tokens['eve']}", "Content-Type": "application/json"}
    body = json.dumps({"room": slug}).encode()
    request = urllib.request.Request(f"{place.servers[0].url}/api/v1/rooms", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
