"""Threads on the socket: who receives which events, and where they count."""

from support.wire import Place


async def test_a_reply_reaches_everybody_and_counts_for_those_who_follow(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="tea?")
        ack = await carl.ask("chat_message", message="yes", thread=1)
        assert (ack["seq"], ack["rev"]) == (2, 2)
        reply = await bob.next("message", seq=2)
        assert (reply["thread"], reply["in_room"], reply["reply_to"]) == (1, False, 1)
        root = await bob.next("message", seq=1, rev=3)
        assert (root["replies"]["count"], root["replies"]["people"]) == (1, ["carl"])
        part = await bob.next("thread")
        assert part == {
            "type": "thread",
            "room": room,
            "thread": 1,
            "read_seq": 1,
            "unread": 1,
            "mentions": 0,
            "hidden_mentions": 0,
            "following": True,
        }
        await bob.send("thread_read", thread=1, seq=2)
        assert (await bob.next("thread", read_seq=2))["unread"] == 0


async def test_marks_reach_the_persons_other_sockets(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.dial("bob") as other, place.enter("carl", room) as carl:
        await other.next("rooms")
        await bob.ask("chat_message", message="tea?")
        await carl.ask("chat_message", message="yes, @bob", thread=1)
        assert (await other.next("thread"))["mentions"] == 1
        await bob.ask("follow", thread=1, on=False)
        assert not (await other.next("thread", following=False))["unread"]
        await bob.ask("follow", thread=2, on=True)
        assert (await other.next("thread", following=True))["read_seq"] == 2


async def test_a_thread_is_read_apart_from_its_room(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="tea?")
        await carl.ask("chat_message", message="hidden", thread=1)
        await carl.ask("chat_message", message="shown", thread=1, in_room=True)
        page = await bob.ask("history")
        assert [one["seq"] for one in page["messages"]] == [1, 3]
        assert "thread" not in page
        page = await bob.ask("history", thread=1)
        assert ([one["seq"] for one in page["messages"]], page["thread"], page["root"]["seq"]) == ([2, 3], 1, 1)
        assert [one["seq"] for one in (await bob.ask("history", thread=1, before=3))["messages"]] == [2]
        assert (await bob.ask("history", thread=9))["code"] == "not_found"
        found = await bob.ask("threads", filter="unread")
        assert [(one["room"], one["thread"], one["unread"]) for one in found["threads"]] == [(room, 1, 2)]


async def test_what_was_missed_has_the_replies(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob:
        await bob.ask("chat_message", message="tea?")
    async with place.enter("carl", room) as carl:
        await carl.ask("chat_message", message="hidden", thread=1)
    async with place.dial("bob") as bob:
        hello = await bob.next("authenticated")
        resumed = await bob.ask("resume", epoch=hello["epoch"], rooms={room: 1})
        assert [(one["seq"], one["rev"], one["thread"]) for one in resumed["messages"]] == [(2, 2, 1), (1, 3, None)]


async def test_typing_in_a_thread_names_it(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await bob.ask("chat_message", message="tea?")
        await carl.send("typing", is_typing=True, thread=1)
        assert (await bob.next("typing"))["thread"] == 1
        await carl.send("typing", is_typing=True)
        assert "thread" not in await bob.next("typing")


async def test_refusals_in_threads(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.dial("eve") as eve:
        await bob.ask("chat_message", message="tea?")
        await bob.ask("delete_message", seq=1)
        assert (await bob.ask("chat_message", message="a reply", thread=1))["code"] == "not_found"
        assert (await bob.ask("chat_message", message="a reply", thread=5))["code"] == "not_found"
        assert (await bob.ask("chat_message", message="psst", in_room=False))["code"] == "invalid"
        await bob.ask("command", command="topic", topic="roses")
        refused = await bob.ask("chat_message", message="a reply", thread=2)
        assert (refused["code"], list(refused["fields"])) == ("invalid", ["thread"])
        await eve.next("rooms")
        assert (await eve.ask("follow", room=room, thread=1, on=True))["code"] == "not_found"
        assert (await eve.ask("history", room=room, thread=1))["code"] == "not_found"
        assert (await eve.ask("chat_message", room=room, message="a reply", thread=1))["code"] == "not_found"
        await eve.send("thread_read", room=room, thread=1, seq=1)
        assert (await eve.next("error"))["code"] == "not_found"
