"""Sockets and the names of rooms: the wire keeps the slug, and accepts every address of the room."""

from typing import Any

import httpx

from support.wire import Place


async def test_a_changed_address_leaves_open_sockets_and_what_they_keep_as_it_is(place: Place) -> None:
    room = place.public()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await carl.ask("chat_message", message="before", client_id="c1")
        assert "rev" in await bob.ask("room_update", address=f"{room}-new", emoji="🌊")
        facts = await carl.next("room")
        assert (facts["room"], facts["address"], facts["emoji"]) == (room, f"{room}-new", "🌊")
        # Commands with the slug that the client knows still work: nothing is lost, and nothing is posted twice.
        assert (await carl.ask("chat_message", message="before", client_id="c1"))["duplicate"] is True
        assert (await carl.ask("chat_message", message="after", client_id="c2"))["room"] == room
        resumed = await carl.ask("resume", epoch=carl.hello["epoch"], rooms={room: 1, f"{room}-new": 1})
        assert (resumed["room"], resumed["complete"], resumed["rev"]) == (room, True, 3)
        strange = await carl.next("resumed")
        assert (strange["room"], strange["complete"], strange["messages"]) == (f"{room}-new", False, [])


async def test_each_name_of_the_room_is_taken_and_answers_have_the_slug(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        for address in ("old", "new"):
            await bob.ask("room_update", address=f"{room}-{address}")
    for name in (room, f"{room}-old", f"{room.upper()}-NEW"):
        async with place.enter("carl", name) as carl:
            assert carl.first["room"] == room
            # No room given: the command applies to the room of the address.
            assert (await carl.ask("chat_message", message=name, client_id=name))["room"] == room
            assert {event["room"] for event in carl.heard if event["type"] == "message"} == {room}
    async with place.enter("carl") as carl:
        posts = [{"message": f"{n}", "client_id": f"in order {n}", "room": f"{room}-old"} for n in range(20)]
        for post in posts:
            await carl.send("chat_message", **post)
        heard = [(await carl.next("message", room=room))["message"] for _ in posts]
        assert heard == [post["message"] for post in posts]
        page = await carl.ask("history", room=f"{room}-new", limit=1)
        assert (page["room"], page["messages"][0]["message"]) == (room, "19")
        again = await carl.ask("chat_message", **posts[0] | {"room": room})
        assert again["duplicate"] is True


async def test_a_hidden_room_is_missing_by_each_of_its_names(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        await bob.ask("room_update", address=f"{room}-secret")
    async with place.enter("dora") as dora:
        for kind, fields in (("chat_message", {"message": "x"}), ("history", {}), ("join_room", {}), ("pins", {})):
            said = [await dora.ask(kind, room=name, **fields) for name in (room, f"{room}-secret", "nowhere")]
            assert [one["code"] for one in said] == ["not_found"] * 3
            assert len({one["message"] for one in said}) == 1
    for name in (f"{room}-secret", "nowhere"):
        async with place.dial("dora", f"/ws/chat/{name}/") as dora:
            assert (await dora.next("error"))["code"] == "not_found"
            assert await dora.closed() == 4004


async def test_the_api_takes_each_name(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        await bob.ask("room_update", address=f"{room}-api")

    async def ask(who: str, path: str, body: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {place.tokens[who]}"}
        async with httpx.AsyncClient(base_url=place.servers[0].url, headers=headers) as http:
            answer = await http.request("POST" if body else "GET", f"/api/v1/{path}", json=body)
        return answer.status_code, answer.json()

    posted = await ask("carl", f"rooms/{room}-api/messages", {"message": "hello", "client_id": "a1"})
    assert (posted[0], posted[1]["room"]) == (201, room)
    assert (await ask("carl", f"rooms/{room}/messages", {"message": "hello", "client_id": "a1"}))[0] == 200
    status, view = await ask("carl", f"rooms/{room}-api")
    assert (status, view["room"], view["address"]) == (200, room, f"{room}-api")
    refused = [await ask("dora", f"rooms/{name}") for name in (f"{room}-api", room, "nowhere")]
    assert refused[0] == refused[1] == refused[2]
