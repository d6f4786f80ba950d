"""Messages on the socket: how they are posted, changed and read again."""

from support.wire import Place, texts

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
        assert await bob.collect("message", 1) == [heard]


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
        states = await carl.collect("message", 6)
        assert [(one["rev"], one["message"], one["deleted"], one["reactions"]) for one in states] == [
            (1, "helo", False, {}),
            (2, "hello", False, {}),
            (3, "hello", False, {"👍": ["carl"]}),
            (4, "hello", False, {}),
            (5, "", True, {}),
            (6, "the end", False, {}),
        ]


async def test_a_message_is_forwarded_to_a_room_and_to_a_person_whose_conversation_is_new(place: Place) -> None:
    room, other = place.private(), place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", other) as carl, place.enter("dora") as dora:
        await bob.ask("chat_message", message="roses")
        made = await bob.ask("forward", seq=1, to_room=other, message="look", client_id="f1")
        assert (made["type"], made["room"], made["seq"], made["duplicate"]) == ("ack", other, 1, False)
        assert (await bob.ask("forward", seq=1, to_room=other, message="look", client_id="f1"))["duplicate"] is True
        [state] = await carl.collect("message", 1)
        assert (state["message"], state["forwarded"]["start"]) == ("look\n\nroses", 6)
        assert (state["forwarded"]["username"], "room" in state["forwarded"]) == ("bob", False)
        # Nothing is forwarded, so no conversation is created.
        assert (await bob.ask("forward_private", seq=9, to="dora"))["code"] == "not_found"
        assert not [event for event in await dora.rest() if event["type"] == "rooms" and event["rooms"]]
        sent = await bob.ask("forward_private", seq=1, to="dora", message=" ")
        [heard] = await dora.collect("message", 1)
        assert (heard["room"], heard["message"]) == (sent["room"], "roses")
        assert (await dora.ask("forward", room=room, seq=1, to_room=sent["room"]))["code"] == "not_found"


async def test_earlier_texts_are_sent_to_author_and_moderators_until_the_room_lets_all(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="helo")
        await bob.ask("edit_message", seq=1, message="hello")
        found = await bob.ask("versions", seq=1)
        assert (found["type"], found["room"], found["seq"]) == ("versions", room, 1)
        assert [one["message"] for one in found["versions"]] == ["helo", "hello"]
        assert "more" not in found
        assert (await carl.ask("versions", seq=1))["code"] == "forbidden"
        assert "rev" in await bob.ask("room_update", edit_history="members")
        [facts] = [event for event in await carl.rest() if event["type"] == "room"]
        assert facts["edit_history"] == "members"
        assert (await carl.ask("versions", seq=1))["versions"] == found["versions"]
        assert "rev" in await bob.ask("room_update", edit_history="off")
        assert (await bob.ask("versions", seq=1))["code"] == "forbidden"


async def test_pins_reach_everybody_in_the_room_and_who_was_away(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        for text in ("one", "two"):
            await bob.ask("chat_message", message=text)
        assert (await carl.ask("pin", seq=1, on=True))["code"] == "forbidden"
        assert (await bob.ask("pin", seq=1, on=True))["rev"] == 3
        assert (await bob.ask("pin", seq=2, on=True))["rev"] == 6
        state, line, facts = [event for event in await carl.rest() if event.get("rev") in (6, 7, 8)]
        assert (state["seq"], state["pinned"]["by"]) == (2, "bob")
        assert (line["message"], line["system"]) == (
            "bob pinned a message",
            {"event": "pinned", "username": "bob", "seq": 2},
        )
        assert facts["pins"] == [2, 1]
        assert (await bob.ask("pin_move", seq=2, below=1))["rev"] == 9
        listed = await carl.ask("pins")
        assert [(one["seq"], one["pinned"]["by"]) for one in listed["messages"]] == [(1, "bob"), (2, "bob")]
    async with place.enter("carl", room) as carl:
        [joined] = await carl.collect("joined_room", 1)
        assert joined["pins"] == [1, 2]


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
        [fourth] = (await bob.ask("history", around=4, limit=1))["messages"]
        page = await bob.ask("history", at=fourth["timestamp"], limit=2)
        assert texts(page["messages"]) == ["3", "4"]
        assert texts((await bob.ask("history", at="2000-01-01T00:00:00Z", limit=2))["messages"]) == ["1"]
        assert (await bob.ask("history", at="2000-01-01T00:00:00Z", before=4))["code"] == "invalid"


async def test_all_rooms_are_marked_as_read_on_all_sockets(place: Place) -> None:
    rooms = [place.private(), place.private()]
    async with place.enter("bob", rooms[0]) as bob:
        for room in rooms:
            await bob.ask("chat_message", room=room, message="hello")
    async with place.enter("carl") as here, place.enter("carl") as there:
        await here.send("read_all")
        for carl in (here, there):
            read: set[str] = set()
            while not read >= set(rooms):
                read.add((await carl.next("read", seq=1))["room"])
        assert (await here.ask("read_all"))["type"] == "ack"
        assert [event for event in await there.rest() if event["type"] == "read"] == []
    async with place.enter("carl") as again:
        assert {entry["unread"] for entry in again.first["rooms"] if entry["room"] in rooms} == {0}


async def test_a_socket_that_comes_back_is_sent_what_it_missed(place: Place) -> None:
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


async def test_a_client_can_resume_on_the_same_socket(place: Place) -> None:
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


async def test_a_clearing_is_sent_to_those_here_and_those_away(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="forget this")
        assert (await bob.command("clear"))["type"] == "ack"
        assert await carl.next("cleared") == {"type": "cleared", "room": room, "before_seq": 2, "rev": 2}
        # The history has only the system line that reports the clearing.
        [line] = (await carl.ask("history"))["messages"]
        assert (line["kind"], line["system"]["event"], line["seq"]) == ("system", "cleared", 2)
        assert (await carl.ask("react", seq=1, emoji="👍", on=True))["code"] == "not_found"
        epoch = carl.hello["epoch"]
    async with place.enter("carl", room) as carl:
        assert carl.first["messages"] == [line]
        resumed = await carl.ask("resume", epoch=epoch, rooms={room: 0})
        assert resumed["messages"] == [{"type": "cleared", "room": room, "before_seq": 2, "rev": 2}, line]


async def test_a_read_mark_is_sent_to_the_persons_other_sockets(place: Place) -> None:
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


async def test_posting_marks_as_read_and_the_persons_other_sockets_are_sent_it(place: Place) -> None:
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
