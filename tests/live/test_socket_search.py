"""Searching on the socket: the index follows a post, an edit and a deletion within a second."""

import asyncio
from typing import Any

from support.wire import Place, Wire

# The process looks for changes every 0.4 s; a machine that runs tests is slow.
PATIENCE_SECONDS = 20


async def found(wire: Wire, query: str, expected: list[str]) -> dict[str, Any]:
    """Search again until exactly these texts are found."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await wire.ask("search", query=query)
            if [hit["message"]["message"] for hit in answer["results"]] == expected:
                return answer
            await asyncio.sleep(0.1)


async def test_bob_finds_what_carl_says_edits_and_takes_back(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("carl", room) as carl:
        await carl.ask("chat_message", message="the 東京 telemetry")
        answer = await found(bob, f"京 tele in:{room}", ["the 東京 telemetry"])
        assert answer["type"] == "search"
        assert answer["next"] is None
        [hit] = answer["results"]
        assert (hit["room"], hit["marks"]) == (room, [[5, 6], [7, 11]])
        assert hit["message"]["username"] == "carl"
        await carl.ask("edit_message", seq=hit["message"]["seq"], message="the buoy")
        await found(bob, f"buoy in:{room}", ["the buoy"])
        assert (await bob.ask("search", query=f"tele in:{room}"))["results"] == []
        await carl.ask("delete_message", seq=hit["message"]["seq"])
        assert (await bob.ask("search", query=f"buoy in:{room}"))["results"] == []


async def test_a_stranger_finds_nothing_and_an_odd_query_is_answered(place: Place) -> None:
    room = place.private()
    async with place.enter("bob", room) as bob, place.enter("dora") as dora:
        await bob.ask("chat_message", message="hidden words")
        await found(bob, f"hidden in:{room}", ["hidden words"])
        hidden, absent = [await dora.ask("search", query=f"hidden in:{name}") for name in (room, "nowhere")]
        assert hidden["results"] == []
        assert [one["warnings"] for one in (hidden, absent)] == [
            [f"in:{name}: there is no such room, or you may not see it."] for name in (room, "nowhere")
        ]
        assert (await dora.ask("search", query='"\0 - ""', after="x"))["code"] == "invalid"
        assert (await dora.ask("search", query='"\0 - ""'))["type"] == "search"
