"""The wire contract against the real server, by the bare library: what a client that was written from the page sees."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
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


# --- Messages ---------------------------------------------------------------------------------------


async def test_a_message_reaches_everybody_its_sender_included(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        ack = await bob.ask("chat_message", message="hello @carl", client_id="c1")
        assert ack == {
            "type": "ack",
            "request_id": "q1",
            "client_id": "c1",
            "room": room,
            "seq": 1,
            "rev": 1,
            "timestamp": ack["timestamp"],
            "duplicate": False,
        }
        heard = await carl.next("message")
        assert (heard["message"], heard["client_id"], heard["mentions"], heard["timestamp"]) == (
            *("hello @carl", "c1", ["carl"], ack["timestamp"]),
        )
        assert heard in bob.heard or heard == await bob.next("message")


async def test_only_who_asks_is_answered(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        await bob.send("chat_message", message="one")
        await bob.send("room_message", message="two", client_id="c2")
        assert await bob.next("ack", client_id="c2")
        assert [event["type"] for event in bob.heard].count("ack") == 1
        assert texts(bob.heard) == ["one", "two"]
        ack = await bob.ask("chat_message", message="three")
        assert (ack["client_id"], ack["duplicate"]) == (None, False), "null, as in the message itself"


async def test_a_repeated_send_is_one_message(place: Place) -> None:
    room, other = place.private(), place.private()
    async with place.enter("bob") as bob, place.enter("carl", room) as carl:
        first = await bob.ask("chat_message", room=room, message="once", client_id=f"once in {room}")
        again = await bob.ask("chat_message", room=room, message="once", client_id=f"once in {room}")
        assert again | {"request_id": "", "duplicate": False} == first | {"request_id": ""}
        for wrong in ({"room": room, "message": "twice"}, {"room": other, "message": "once"}):
            error = await bob.ask("chat_message", client_id=f"once in {room}", **wrong)
            assert (error["code"], error["client_id"]) == ("conflict", f"once in {room}")
        assert texts(await carl.rest()) == ["once"]


async def test_messages_are_changed_and_taken_back(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="helo")
        assert (await bob.ask("edit_message", seq=1, message="hello"))["rev"] == 2
        assert (await carl.ask("react", seq=1, emoji="👍", on=True))["rev"] == 3
        assert (await carl.ask("react", seq=1, emoji="👍", on=False))["rev"] == 4
        assert (await carl.ask("edit_message", seq=1, message="mine"))["code"] == "forbidden"
        assert (await carl.ask("delete_message", seq=1))["code"] == "forbidden"
        assert (await bob.ask("delete_message", seq=1))["rev"] == 5
        assert (await bob.ask("edit_message", seq=1, message="again"))["code"] == "not_found"
        await bob.ask("chat_message", message="the end")
        states = [await carl.next("message") for _ in range(6)] if not carl.heard else []
        heard = [event for event in carl.heard if event["type"] == "message"]
        while len(heard) < 6:
            heard.append(await carl.next("message"))
        assert states == [] or states == heard
        assert [(one["rev"], one["message"], one["deleted"], one["reactions"]) for one in heard] == [
            (1, "helo", False, {}),
            (2, "hello", False, {}),
            (3, "hello", False, {"👍": ["carl"]}),
            (4, "hello", False, {}),
            (5, "", True, {}),
            (6, "the end", False, {}),
        ]


async def test_what_a_person_does_takes_effect_in_their_order(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        for n in range(20):
            await bob.send("chat_message", message=f"{n}")
        await bob.send("command", command="clear")
        await bob.ask("chat_message", message="after")
        assert (await carl.next("cleared"))["before_seq"] == 21
        assert texts(carl.heard) == [f"{n}" for n in range(20)]
        await carl.send("chat_message", message="goodbye")
        await carl.send("leave_room")
        await carl.next("left_room")
        await bob.next("message", message="goodbye")


async def test_private_messages_reach_those_who_hold_only_the_lobby(place: Place) -> None:
    async with place.enter("eve", "lobby") as eve, place.enter("fay", "lobby") as fay, place.enter("carl") as carl:
        ack = await eve.ask("private_message", to="FAY", message="psst", client_id="p1")
        assert (ack["type"], ack["seq"], ack["rev"]) == ("ack", 1, 1)
        for wire, other in ((eve, "fay"), (fay, "eve")):
            events = [*wire.heard]
            while not texts(events) or texts(events)[-1] != "psst":
                events.append(await wire.receive())
            mine = [one for one in events if one["type"] in ("rooms", "message")][-2:]
            [entry] = mine[0]["rooms"]
            assert (entry["room"], entry["kind"], entry["username"], entry["title"]) == (
                *(ack["room"], "direct", other, other),
            )
            assert (mine[1]["room"], mine[1]["seq"], mine[1]["username"]) == (ack["room"], 1, "eve")
        assert (await fay.ask("chat_message", room=ack["room"], message="what?"))["seq"] == 2
        assert (await eve.next("message", room=ack["room"]))["message"] == "what?"
        assert (await fay.ask("private_message", to="nobody", message="psst"))["code"] == "not_found"
        assert (await carl.ask("history", room=ack["room"]))["code"] == "not_found"
        assert "psst" not in texts(carl.heard)


# --- Reading ------------------------------------------------------------------------------------------


async def test_history_is_paged(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        for n in range(1, 8):
            await bob.ask("chat_message", message=f"{n}")
        pages: dict[str, tuple[dict[str, int], list[str], bool, bool]] = {
            "newest": ({"limit": 2}, ["6", "7"], True, False),
            "before": ({"before": 3}, ["1", "2"], False, True),
            "after": ({"after": 5}, ["6", "7"], True, False),
            "around": ({"around": 4, "limit": 3}, ["3", "4", "5"], True, True),
        }
        for bounds, expected, older, newer in pages.values():
            page = await bob.ask("history", **bounds)
            assert (page["type"], page["room"]) == ("history", room)
            assert (texts(page["messages"]), page["has_older"], page["has_newer"]) == (expected, older, newer)


async def test_whoever_comes_back_is_told_what_they_missed(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        async with place.enter("carl") as carl:
            epoch = carl.hello["epoch"]
            for n in range(4):
                await bob.ask("chat_message", message=f"{n}")
            known = await carl.next("message", room=room, rev=2)
        await bob.ask("edit_message", seq=1, message="edited")
        await bob.ask("edit_message", seq=1, message="edited twice")
        async with place.enter("carl") as carl:
            await bob.ask("chat_message", message="live")
            resumed = await carl.ask("resume", epoch=epoch, rooms={room: known["rev"]})
            assert resumed["complete"]
            states = resumed["messages"]
            assert [(one["seq"], one["rev"]) for one in states] == [(3, 3), (4, 4), (1, 6), (5, 7)]
            assert states[2]["message"] == "edited twice"
            assert resumed["rev"] == 7
            while "live" not in texts(carl.heard):
                await carl.receive()
            await carl.rest()
            assert texts(carl.heard) == ["live"], "the socket itself is told what came after it was opened, once"


async def test_what_a_resume_cannot_promise_it_does_not(place: Place) -> None:
    room, hidden = place.public(), place.private()
    async with place.enter("dora", room) as dora:
        epoch = dora.hello["epoch"]
        rooms = {room: 0, hidden: 0, "nowhere": 0}
        await dora.send("resume", epoch=epoch, rooms=rooms, request_id="r1")
        told = [await dora.next("resumed") for _ in rooms]
        assert {one["request_id"] for one in told} == {"r1"}
        assert [(one["room"], one["complete"], len(one["messages"])) for one in told] == [
            (room, True, 1),
            (hidden, False, 0),
            ("nowhere", False, 0),
        ]
        assert {one["rev"] for one in told[1:]} == {0}, "a hidden room tells no number"
        for strange in ({"epoch": "another", "rooms": {room: 0}}, {"epoch": epoch, "rooms": {room: 10**9}}):
            resumed = await dora.ask("resume", **strange)
            assert (resumed["complete"], resumed["messages"], resumed["rev"]) == (False, [], 1)


async def test_what_a_client_let_go_it_is_told_again_on_the_same_socket(place: Place) -> None:
    room = place.public()
    async with place.enter("dora", room) as dora:
        said = [await dora.ask("chat_message", message=f"number {n}") for n in range(3)]
        resumed = await dora.ask("resume", epoch=dora.hello["epoch"], rooms={room: said[0]["rev"]})
        assert resumed["complete"]
        assert [message["rev"] for message in resumed["messages"]] == [said[1]["rev"], said[2]["rev"]]
        resumed = await dora.ask("resume", epoch=dora.hello["epoch"], rooms={room: 0})
        assert (resumed["complete"], resumed["rev"]) == (True, said[2]["rev"])
        assert texts(resumed["messages"]) == ["number 0", "number 1", "number 2"]


async def test_too_many_changes_are_loaded_anew(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room, batch=True) as carl:
        for n in range(501):
            await bob.send("chat_message", message=f"{n}")
        await carl.next("message", message="500")
        assert texts(carl.heard) == [f"{n}" for n in range(501)]
        epoch = bob.hello["epoch"]
    async with place.enter("carl", room) as carl:
        assert not (await carl.ask("resume", epoch=epoch, rooms={room: 0}))["complete"]
        resumed = await carl.ask("resume", epoch=epoch, rooms={room: 1})
        assert resumed["complete"]
        assert texts(resumed["messages"]) == [f"{n}" for n in range(1, 501)]


async def test_a_clearing_is_told_to_those_here_and_those_away(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="forget this")
        assert (await bob.command("clear"))["type"] == "ack"
        assert await carl.next("cleared") == {"type": "cleared", "room": room, "before_seq": 2, "rev": 2}
        # Of the line that says so alone.
        [line] = (await carl.ask("history"))["messages"]
        assert (line["kind"], line["system"]["event"], line["seq"]) == ("system", "cleared", 2)
        assert (await carl.ask("react", seq=1, emoji="👍", on=True))["code"] == "not_found"
        epoch = carl.hello["epoch"]
    async with place.enter("carl", room) as carl:
        assert carl.first["messages"] == [line]
        resumed = await carl.ask("resume", epoch=epoch, rooms={room: 0})
        assert resumed["messages"] == [{"type": "cleared", "room": room, "before_seq": 2, "rev": 2}, line]


async def test_reading_is_told_to_the_persons_other_sockets(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as here, place.enter("carl") as there:
        for n in range(3):
            await bob.ask("chat_message", message=f"{n}")
        await here.send("read", room=room, seq=2)
        assert await there.next("read") == {"type": "read", "room": room, "seq": 2}
        await here.send("read", room=room, seq=1)
        await here.send("read", room=room, seq=2**53)
        assert (await there.next("read"))["seq"] == 3, "never beyond the last message"
        assert "read" not in {event["type"] for event in [*await here.rest(), *await bob.rest()]}
    async with place.enter("carl") as carl:
        assert next(one for one in carl.first["rooms"] if one["room"] == room)["read_seq"] == 3


async def test_who_posts_has_read_what_stands_before_it_and_their_other_sockets_are_told(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as here, place.enter("carl") as there:
        await bob.ask("chat_message", message="one @carl")
        await here.ask("chat_message", room=room, message="two")
        assert await there.next("read") == {"type": "read", "room": room, "seq": 2}
        direct = (await here.ask("private_message", to="bob", message="psst"))["room"]
        assert (await there.next("read", room=direct))["seq"] >= 1
        assert "read" not in {event["type"] for event in [*await here.rest(), *await bob.rest()]}
    async with place.enter("carl") as carl:
        entry = next(one for one in carl.first["rooms"] if one["room"] == room)
        assert (entry["read_seq"], entry["unread"], entry["mentions"]) == (2, 0, 0)


async def test_a_mark_in_the_middle_is_followed_by_what_is_left_of_the_count(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as here, place.enter("carl") as there:
        for text in ("one", "two @carl", "three", "@carl four"):
            await bob.ask("chat_message", message=text)
        await bob.ask("delete_message", seq=3)
        await here.send("read", room=room, seq=1)
        await there.next("read", room=room)
        (entry,) = (await there.next("rooms"))["rooms"]
        assert (entry["read_seq"], entry["unread"], entry["mentions"], entry["mentioned"]) == (1, 2, 2, [2, 4])
        assert "rooms" not in {event["type"] for event in await here.rest()}
        await here.send("mark_unread", room=room, seq=1)
        for wire in (here, there):
            (entry,) = (await wire.next("rooms"))["rooms"]
            assert (entry["read_seq"], entry["unread"]) == (0, 3)


async def test_what_is_marked_unread_is_unread_again_also_after_a_read_that_waits(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as here, place.enter("carl") as there:
        for n in range(3):
            await bob.ask("chat_message", message=f"{n}")
        await here.send("read", room=room, seq=3)
        await here.send("mark_unread", room=room, seq=1)
        assert await there.next("read") == {"type": "read", "room": room, "seq": 3}
        assert await there.next("read") == {"type": "read", "room": room, "seq": 0, "unread": True}
        assert "read" not in {event["type"] for event in [*await here.rest(), *await bob.rest()]}
    async with place.enter("carl") as carl:
        entry = next(one for one in carl.first["rooms"] if one["room"] == room)
        assert (entry["read_seq"], entry["unread"]) == (0, 3)


# --- Live ---------------------------------------------------------------------------------------------


async def test_typing_is_told_to_the_others(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.send("typing", is_typing=True)
        assert await carl.next("typing") == {"type": "typing", "room": room, "username": "bob", "is_typing": True}
        assert "typing" not in {event["type"] for event in await bob.rest()}
        await asyncio.sleep(0.8)  # The sign is kept for those who come: such marks are written every half second.
        async with place.enter("carl", room) as late:
            assert (await late.next("typing"))["username"] == "bob"
        await bob.send("typing", is_typing=False)
        assert not (await carl.next("typing"))["is_typing"]


async def test_coming_and_going_is_told_once_a_person(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        async with place.enter("carl", room), place.enter("carl", room):
            assert await bob.next("user_joined") == {"type": "user_joined", "room": room, "username": "carl"}
            assert "user_joined" not in {event["type"] for event in await bob.rest()}
        started = asyncio.get_running_loop().time()
        while True:
            async with asyncio.timeout(15):
                event = json.loads(await bob.connection.recv())
            if event["type"] == "user_left":
                break
        assert event == {"type": "user_left", "room": room, "username": "carl"}
        assert asyncio.get_running_loop().time() - started > 8, "late, so that a reload makes no noise"


async def test_presence_is_told_to_those_who_share_a_room(place: Place) -> None:
    async with place.enter("bob") as bob:
        async with place.enter("ida"):
            while (await bob.next("presence"))["users"].get("ida") != "online":
                pass
        async with place.enter("bob") as late, place.enter("dora") as dora:
            # Gone, but not told to be: should she come back now, there will be no news of it.
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


async def test_moderators_are_told_who_is_muted(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        assert (await bob.command("mute", username="carl", minutes=5))["type"] == "ack"
        assert {who["username"]: who.get("muted") for who in (await bob.command("users"))["users"]} == {
            "bob": None,
            "carl": True,
        }
        assert not any("muted" in who for who in (await carl.command("users"))["users"])


# --- Rooms and roles ------------------------------------------------------------------------------------


async def test_rooms_are_joined_and_left_by_command(place: Place) -> None:
    room, held = place.public(), place.public()
    async with place.enter("dora", held) as dora, place.enter("carl", room) as carl:
        joined = await dora.ask("join_room", room=room)
        assert (joined["type"], joined["room"], joined["role"]) == ("joined_room", room, "member")
        assert (await carl.next("user_joined"))["username"] == "dora"
        await carl.ask("chat_message", message="welcome")
        assert (await dora.next("message", room=room, kind="text"))["message"] == "welcome"
        left = await dora.ask("leave_room", room=room)
        assert (left["type"], left["room"], left["reason"]) == ("left_room", room, "left")
        await carl.ask("chat_message", message="she is gone")
        assert [event for event in await dora.rest() if event["type"] != "presence"] == []
        assert (await dora.ask("leave_room", room=room))["code"] == "forbidden"
        assert (await dora.ask("join_room", room=place.private()))["code"] == "not_found"


async def test_a_private_room_looks_like_one_that_is_not_there(place: Place) -> None:
    room = place.private()
    commands: list[tuple[str, dict[str, Any]]] = [
        ("chat_message", {"message": "x"}),
        ("edit_message", {"seq": 1, "message": "x"}),
        ("delete_message", {"seq": 1}),
        ("react", {"seq": 1, "emoji": "👍", "on": True}),
        ("typing", {"is_typing": True}),
        ("read", {"seq": 1}),
        ("mark_unread", {"seq": 1}),
        ("history", {}),
        ("join_room", {}),
        ("leave_room", {}),
        *(("command", {"command": name}) for name in ("users", "clear")),
        *(("command", {"command": name, "username": "bob"}) for name in ("kick", "ban", "unban", "unmute")),
        ("command", {"command": "mute", "username": "bob", "minutes": 1}),
        ("command", {"command": "topic", "topic": "x"}),
    ]
    async with place.enter("bob", room) as bob, place.enter("dora") as dora, place.enter("ada") as ada:
        await bob.ask("chat_message", message="secret")
        for stranger in (dora, ada):  # Staff, too, sees it only from the admin.
            for kind, fields in commands:
                hidden = await stranger.ask(kind, room=room, **fields)
                absent = await stranger.ask(kind, room="nowhere", **fields)
                assert hidden["code"] == "not_found", kind
                assert hidden | {"request_id": ""} == absent | {"request_id": ""}
        assert [event for event in await bob.rest() if event["type"] != "presence"] == [
            event for event in bob.heard if event["type"] == "message"
        ][:0]
    for name in ("dora", "ada"):
        async with place.dial(name, f"/ws/chat/{room}/") as stranger:
            assert await stranger.closed() == 4004


async def test_a_kicked_member_hears_not_one_more_event(place: Place) -> None:
    room = place.private()
    async with (
        place.enter("bob", room) as bob,
        place.enter("carl", room) as single,
        place.enter("carl") as everything,
    ):
        assert (await bob.command("kick", username="carl", reason="noise"))["type"] == "ack"
        for n in range(5):
            await bob.ask("chat_message", message=f"{n}")
        assert await single.closed() == 4003
        left = {"type": "left_room", "room": room, "reason": "kicked", "why": "noise"}
        assert single.heard[-1] == left
        assert await everything.next("left_room") == left
        assert [event for event in await everything.rest() if event.get("room") == room] == []
        assert texts(everything.heard) == texts(single.heard) == []
        assert (await everything.ask("chat_message", room=room, message="hey"))["code"] == "not_found"


async def test_a_banned_member_stays_outside_until_the_ban_is_lifted(place: Place) -> None:
    room = place.public()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        assert (await carl.command("ban", username="bob"))["code"] == "forbidden"
        assert (await bob.command("ban", username="carl", minutes=5, reason="spam"))["type"] == "ack"
        assert await carl.closed() == 4003
        assert carl.heard[-1]["reason"] == "banned"
        async with place.dial("carl", f"/ws/chat/{room}/") as again:
            assert await again.closed() == 4003
            assert again.heard[-1]["code"] == "banned"
        assert (await bob.command("unban", username="carl"))["type"] == "ack"
        async with place.enter("carl", room) as again:
            assert (await again.ask("chat_message", message="I am back"))["type"] == "ack"


async def test_the_muted_are_told_for_how_long(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.command("mute", username="carl", minutes=1)
        error = await carl.ask("chat_message", message="but", client_id="m1")
        assert (error["code"], error["client_id"]) == ("muted", "m1")
        assert 50 < error["retry_after"] <= 60
        assert (await carl.ask("typing", is_typing=True))["code"] == "muted"
        assert "typing" not in {event["type"] for event in await bob.rest()}
        await bob.command("unmute", username="carl")
        assert (await carl.ask("chat_message", message="thanks"))["type"] == "ack"


async def test_who_is_muted_hears_of_it_at_once_and_of_its_end(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as carl:
        await bob.command("mute", username="carl", minutes=1)
        entry = (await carl.next("rooms"))["rooms"][0]
        assert entry["room"] == room
        assert (
            datetime.now(UTC) < datetime.fromisoformat(entry["muted_until"]) <= datetime.now(UTC) + timedelta(minutes=1)
        )
        await bob.command("unmute", username="carl")
        entry = (await carl.next("rooms"))["rooms"][0]
        assert (entry["room"], entry.get("muted_until")) == (room, None)


async def test_a_topic_is_told_with_the_rooms_facts(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl") as carl:
        assert (await carl.command("topic", room=room, topic="mine"))["code"] == "forbidden"
        await bob.command("topic", topic="roses")
        line = await carl.next("message", room=room)
        assert (line["kind"], line["message"]) == ("system", "bob changed the topic to roses")
        facts = await carl.next("room")
        assert (facts["room"], facts["topic"], facts["rev"]) == (room, "roses", 2)


async def test_staff_speak_to_everybody(place: Place) -> None:
    async with place.enter("ada") as ada, place.enter("dora", "lobby") as dora, place.enter("bob", batch=True) as bob:
        assert (await dora.ask("broadcast", message="tea"))["code"] == "forbidden"
        assert "message" in (await ada.ask("broadcast", message="x" * 10_001))["fields"]
        assert (await ada.ask("broadcast", message="tea is ready"))["type"] == "ack"
        for wire in (ada, dora, bob):
            told = next((one for one in wire.heard if one["type"] == "announcement"), None)
            told = told or await wire.next("announcement")
            assert (told["message"], told["username"]) == ("tea is ready", "ada")


async def test_sockets_end_with_what_they_were_opened_by(place: Place) -> None:
    made = json.loads(
        place.run(
            "import json; from accounts.models import *; from accounts.services import *; "
            "gus, hal = [User.objects.create(username=name) for name in ('gus', 'hal')]; "
            "print(json.dumps([token_issue(user=user, name='t')[1] for user in (gus, gus, hal)]))"
        ).splitlines()[-1]
    )
    revoked, kept, deactivated = made
    async with (
        place.enter(revoked, "lobby") as first,
        place.enter(kept) as second,
        place.enter(deactivated) as third,
    ):
        place.run(
            "from accounts.models import *; from accounts.services import *; "
            "token_revoke(token=ApiToken.objects.filter(user__username='gus').earliest('pk')); "
            "account_deactivate(user=User.objects.get(username='hal'))"
        )
        assert await first.closed() == 4010
        assert await third.closed() == 4010
        assert (await second.ask("ping"))["type"] == "pong"
    async with place.dial(revoked) as again:
        assert await again.closed() == 4001


async def test_a_token_that_has_run_out_ends_its_socket(place: Place) -> None:
    token = place.run(
        "from datetime import timedelta; from accounts.models import *; from accounts.services import *; "
        "print(token_issue(user=User.objects.get(username='eve'), name='short', lifetime=timedelta(hours=1))[1])"
    ).split()[-1]
    async with place.enter(token, "lobby") as eve:
        # That the end comes by itself, with time, is tested in test_people.
        await asyncio.to_thread(
            place.run,
            "from django.utils import timezone; from accounts.signals import *; from accounts.models import *; "
            "ApiToken.objects.filter(name='short').update(expires_at=timezone.now()); "
            "mark_access_changed([User.objects.get(username='eve').pk])",
        )
        assert await eve.closed() == 4010


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


async def test_a_member_who_is_only_that_commands_nobody(place: Place) -> None:
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
    """Sockets that open while the room is busy: the snapshot and what follows it join without hole or double."""
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
                assert said == [f"{n}" for n in range(int(said[0]), int(said[0]) + len(said))] if said else True
        await talk
