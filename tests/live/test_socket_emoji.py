"""Custom emoji on the socket: in pages, and each change sent to everyone."""

import asyncio
from collections.abc import Callable, Generator

import httpx
import pytest

from support.servers import Server
from support.wire import NO_LIMITS, SERVE, Place

_MAKE = """
from chat.models import CustomEmoji, EmojiName, File, Participant
bob = Participant.objects.get(username="bob")
for number in range(501):
    file = File.objects.create(uploader=bob, name="x", length=1, size=1, thumbs="128 still", kept=True)
    made = CustomEmoji.objects.create(file=file, made_by=bob)
    EmojiName.objects.create(emoji=made, name=f"ship_{number:03}", main=True)
"""


@pytest.fixture(scope="module")
def place(start_server: Callable[..., Server]) -> Generator[Place]:
    with start_server(env=NO_LIMITS, command=SERVE) as server:
        yield Place(server)


async def test_the_list_comes_in_pages_and_each_change_to_everyone(place: Place) -> None:
    await asyncio.to_thread(place.run, _MAKE)
    async with place.enter("eve") as eve, place.enter("carl", place.private()) as carl:
        first = await eve.ask("emoji")
        assert (first["type"], len(first["emoji"]), first["next"], first["may_add"]) == ("emoji", 500, "ship_499", True)
        one = first["emoji"][7]
        assert (one["name"], one["aliases"], one["made_by"]) == ("ship_007", [], "bob")
        assert one["still"] == f"{one['url']}/still"
        rest = await eve.ask("emoji", after=first["next"])
        assert ([emoji["name"] for emoji in rest["emoji"]], rest["next"]) == (["ship_500"], None)
        headers = {"Authorization": f"Bearer {place.tokens['bob']}"}
        async with httpx.AsyncClient(base_url=f"{place.servers[0].url}/api/v1", headers=headers) as bob:
            assert (await bob.patch("/emoji/ship_007", json={"name": "our_boat"})).status_code == 200
            assert (await bob.delete("/emoji/ship_008")).status_code == 204
        for wire in (eve, carl):
            renamed = await wire.next("emoji_changed")
            facts = {**one, "name": "our_boat", "aliases": ["ship_007"]}
            assert renamed == {"type": "emoji_changed", "name": "ship_007", "emoji": facts}
            assert await wire.next("emoji_changed") == {"type": "emoji_changed", "name": "ship_008", "emoji": None}
