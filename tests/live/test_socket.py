"""The wire contract on a real server, with a plain WebSocket library: what a client written from the docs sees."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from support.wire import Place, Wire, texts

# --- Connecting ---------------------------------------------------------------------------------------


async def test_a_room_greets_with_its_newest_page(place: Place) -> None:
    room = place.public()
    async with place.enter("bob", room) as bob:
        for n in range(3):
            await bob.ask("chat_message", message=f"message {n}")
    async with place.dial("carl", f"/ws/chat/{room}/") as carl:
        hello, joined, page = [await carl.receive() for _ in range(3)]
    assert [hello["type"], joined["type"], page["type"]] == ["authenticated", "joined_room", "history"]
    assert (hello["username"], hello["display_name"], hello["staff"]) == ("carl", "carl", False)
    assert hello["limits"]["message_chars"] == 10_000
    assert "post" in hello["may"]["open"]["member"]
    assert "post" not in hello["may"]["muted"]["member"]
    assert len(hello["epoch"]) == 36
    assert (joined["room"], joined["role"], joined["seq"], joined["rev"], joined["read_seq"]) == (
        *(room, "member", 3, 3, 0),
    )
    assert joined["members_online"] >= 1
    assert texts(page["messages"]) == ["message 0", "message 1", "message 2"]
    assert (page["has_older"], page["has_newer"]) == (False, False)


async def test_entering_a_public_room_joins_it(place: Place) -> None:
    room = place.public()
    async with place.enter("carl", room) as carl, place.enter("dora", room) as dora:
        line = await carl.next("message")
        assert (line["kind"], line["system"]) == ("system", {"event": "joined", "username": "dora"})
        assert [state["seq"] for state in dora.first["messages"]] == [1]
        assert [event for event in await dora.rest() if event["type"] != "presence"] == []


@pytest.mark.parametrize("batch", [False, True])
async def test_all_rooms_come_with_one_socket(place: Place, batch: bool) -> None:
    room = place.private()
    async with place.enter("carl", batch=batch) as carl, place.enter("bob", room) as bob:
        assert carl.connection.subprotocol == ("chat.v1.batch" if batch else None)
        entry = next(one for one in carl.first["rooms"] if one["room"] == room)
        assert (entry["kind"], entry["role"], entry["seq"], entry["unread"], entry["notify"]) == (
            *("private", "member", 0, 0, "all"),
        )
        for n in range(5):
            await bob.send("chat_message", message=f"{n}")
        for n in range(5):
            assert (await carl.next("message", room=room))["message"] == f"{n}"


async def test_frames_are_objects_or_arrays_as_was_asked(place: Place) -> None:
    asked = {(): None, ("soap",): None, ("soap", "chat.v1"): "chat.v1", ("chat.v1.batch", "chat.v1"): "chat.v1.batch"}
    for offered, chosen in asked.items():
        async with place.dial("bob", subprotocols=offered) as bob:
            assert bob.connection.subprotocol == chosen
            first = json.loads(await bob.connection.recv())
            assert isinstance(first, list) == (chosen == "chat.v1.batch")


@pytest.mark.parametrize("token", ["", "bc_nonsense", "a.b.c"])
async def test_strangers_are_asked_to_sign_in(place: Place, token: str) -> None:
    for path in ("/ws/chat/", "/ws/chat/lobby/", "/ws/chat/nowhere/"):
        async with place.dial(token, path) as nobody:
            assert await nobody.closed() == 4001
            assert nobody.heard == []


@pytest.mark.parametrize("room", ["nowhere", "a%20b", "%00", "x" * 65, "%ED%A0%80", "..", "größe"])
async def test_a_room_that_is_not_there_closes_the_socket(place: Place, room: str) -> None:
    async with place.dial("bob", f"/ws/chat/{room}/") as bob:
        assert await bob.closed() == 4004
    assert [event["type"] for event in bob.heard] == ["authenticated", "error"]


async def test_other_addresses_are_no_sockets(place: Place) -> None:
    for path in ("/", "/ws/", "/ws/chat", "/ws/chat/a/b/", "/ws/chat/lobby"):
        with pytest.raises(InvalidStatus):
            async with place.dial("bob", path):
                pass


# --- Live ---------------------------------------------------------------------------------------------


async def test_typing_is_sent_to_the_others(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.send("typing", is_typing=True)
        assert await carl.next("typing") == {"type": "typing", "room": room, "username": "bob", "is_typing": True}
        assert "typing" not in {event["type"] for event in await bob.rest()}
        await asyncio.sleep(0.8)  # Typing marks are written every half second, for sockets that connect later.
        async with place.enter("carl", room) as late:
            assert (await late.next("typing"))["username"] == "bob"
        await bob.send("typing", is_typing=False)
        assert not (await carl.next("typing"))["is_typing"]


async def test_coming_and_going_is_sent_once_a_person(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        async with place.enter("carl", room), place.enter("carl", room):
            assert await bob.next("user_joined") == {"type": "user_joined", "room": room, "username": "carl"}
            assert "user_joined" not in {event["type"] for event in await bob.rest()}
        # A reload of the page: nothing was sent when its socket closed.
        async with place.enter("carl", room):
            assert "user_joined" not in {event["type"] for event in await bob.rest()}
        started = asyncio.get_running_loop().time()
        while True:
            async with asyncio.timeout(15):
                event = json.loads(await bob.connection.recv())
            if event["type"] == "user_left":
                break
        assert event == {"type": "user_left", "room": room, "username": "carl"}
        assert asyncio.get_running_loop().time() - started > 8, "late, so that a reload makes no noise"


async def test_presence_is_sent_to_those_who_share_a_room(place: Place) -> None:
    async with place.enter("bob") as bob:
        async with place.enter("ida"):
            while (await bob.next("presence"))["users"].get("ida") != "online":
                pass
        async with place.enter("bob") as late, place.enter("dora") as dora:
            # Gone, but not yet reported as gone: if she came back now, no event would be sent.
            assert (await late.next("presence"))["users"]["ida"] == "online"
            assert "ida" not in {name for event in await dora.rest() for name in event.get("users", ())}


async def test_the_members_of_a_room_are_named(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        told = await bob.command("users")
        assert [(who["username"], who["role"]) for who in told["users"]] in (
            [("bob", "owner"), ("carl", "member")],
            [("carl", "member"), ("bob", "owner")],
        )
        assert set(told["users"][0]) == {"user_id", "username", "display_name", "role", "online", "typing"}
        assert {who["username"]: who["online"] for who in told["users"]}["bob"], "though just come"


async def test_moderators_are_sent_who_is_muted(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        assert (await bob.command("mute", username="carl", minutes=5))["type"] == "ack"
        assert {who["username"]: who.get("muted") for who in (await bob.command("users"))["users"]} == {
            "bob": None,
            "carl": True,
        }
        assert not any("muted" in who for who in (await carl.command("users"))["users"])


# --- Bad input ----------------------------------------------------------------------------------------

BAD: list[tuple[str | bytes, str]] = [
    ("", "bad_json"),
    ("hello", "bad_json"),
    ("[]", "bad_json"),
    ('[{"type": "ping"}]', "bad_json"),
    ("{}", "unknown_type"),
    ('{"type": "dance"}', "unknown_type"),
    (b"\x00\xff", "bad_json"),
    (b'{"type": "ping"}', "bad_json"),
    ('{"type": "chat_message"}', "invalid"),
    ('{"type": "chat_message", "message": 5}', "invalid"),
    ('{"type": "chat_message", "message": "   "}', "invalid"),
    ('{"type": "chat_message", "message": "a\\u0000b"}', "invalid"),
    ('{"type": "chat_message", "message": "\\ud800"}', "bad_json"),
    (json.dumps({"type": "chat_message", "message": "x" * 10_001}), "invalid"),
    (json.dumps({"type": "chat_message", "message": "x" * 65_536}), "too_large"),
    (json.dumps({"type": "chat_message", "message": "ü" * 32_768}, ensure_ascii=False), "too_large"),
    ('{"type": "read", "seq": ' + "9" * 400 + "}", "invalid"),
    ('{"type": "edit_message", "seq": ' + "9" * 400 + ', "message": "x"}', "invalid"),
    ('{"type": "edit_message", "seq": 9007199254740992, "message": "x"}', "not_found"),
    ("[" * 10_000 + "]" * 10_000, "bad_json"),
    ('{"a":' * 10_000 + "1" + "}" * 10_000, "bad_json"),
    ('{"type": "chat_message", "message": "x", "room": "nowhere"}', "not_found"),
    ('{"type": "delete_message", "seq": 77}', "not_found"),
    ('{"type": "react", "seq": 77, "emoji": "👍", "on": true}', "not_found"),
    ('{"type": "chat_message", "message": "x", "reply_to": 77}', "not_found"),
    ('{"type": "command", "command": "kick", "username": "a\\u0000b"}', "invalid"),
    ('{"type": "command", "command": "sudo"}', "invalid"),
    ('{"type": "private_message", "to": "%", "message": "x"}', "not_found"),
]


async def test_bad_frames_are_refused_and_nothing_else_happens(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        for frame, code in BAD:
            await bob.connection.send(frame)
            error = await bob.next("error")
            assert error["code"] == code, frame[:80]
            assert error["message"].endswith(".")
        assert (await bob.ask("chat_message", message="still here"))["seq"] == 1
        heard = [event for event in [*await carl.rest(), *carl.heard] if event["type"] in ("message", "error")]
        assert {event["message"] for event in heard} <= {"still here"}


async def test_the_socket_of_all_rooms_needs_a_room_named(place: Place) -> None:
    async with place.enter("bob") as bob:
        error = await bob.ask("chat_message", message="to whom?", client_id="c")
        assert (error["code"], error["fields"], error["client_id"]) == ("invalid", {"room": "is required"}, "c")


async def test_a_plain_member_moderates_no_one(place: Place) -> None:
    room = place.private()
    async with place.enter("carl", room) as carl:
        wishes: dict[str, dict[str, Any]] = {
            "clear": {},
            "kick": {"username": "bob"},
            "ban": {"username": "bob"},
            "unban": {"username": "bob"},
            "mute": {"username": "bob", "minutes": 1},
            "unmute": {"username": "bob"},
            "topic": {"topic": "x"},
        }
        for name, fields in wishes.items():
            assert (await carl.command(name, **fields))["code"] == "forbidden", name


async def batch(wire: Wire, count: int) -> None:
    for n in range(count):
        await wire.send("chat_message", message=f"{n}")


async def test_a_slow_start_misses_nothing(place: Place) -> None:
    """Sockets that open while the room is busy: snapshot and following events join without gap or duplicate."""
    room = place.private()
    async with place.enter("bob", room) as bob:
        talk = asyncio.create_task(batch(bob, 200))
        for _ in range(5):
            async with place.enter("carl", room, batch=True) as carl:
                page = texts(carl.first["messages"])
                joined = next(one for one in carl.heard if one["type"] == "joined_room")
                live: list[str] = []
                while len(live) < 10 and (page + live)[-1:] != ["199"]:
                    event = await carl.receive()
                    assert event["type"] != "message" or event["rev"] > joined["rev"]
                    live += texts([event])
                said = page + live
                assert said == [f"{n}" for n in range(int(said[0]), int(said[0]) + len(said))]
        await talk
