"""Drafts on the socket: they reach the person's other sockets, and no one else's."""

from support.wire import Place


async def test_a_draft_reaches_the_persons_other_sockets(place: Place) -> None:
    room = place.private()
    async with place.enter("carl", room) as here, place.enter("carl") as there, place.enter("bob", room) as bob:
        ack = await here.ask("draft", text="tea at", at="2026-05-01T08:00:00+02:00")
        assert (ack["type"], ack["room"], ack["timestamp"]) == ("ack", room, "2026-05-01T06:00:00.000000+00:00")
        assert await there.next("draft") == {
            "type": "draft",
            "room": room,
            "thread": None,
            "text": "tea at",
            "at": ack["timestamp"],
        }
        # A device that was offline sends the draft it had.
        await there.send("draft", room=room, text="tea", at="2026-05-01T05:00:00Z", request_id="late")
        assert (await there.next("draft"))["text"] == "tea at"
        assert (await there.next("ack"))["request_id"] == "late"
        async with place.enter("carl") as again:
            assert again.hello["drafts"] is True
            [kept] = (await again.ask("drafts"))["drafts"]
            assert (kept["room"], kept["text"]) == (room, "tea at")
        await here.ask("chat_message", message="tea at four?")
        assert (await there.next("draft"))["text"] == ""
        assert [event for event in await here.rest() if event["type"] == "draft"] == []
        assert [event for event in await bob.rest() if event["type"] == "draft"] == []
        async with place.enter("carl") as later:
            assert "drafts" not in later.hello
