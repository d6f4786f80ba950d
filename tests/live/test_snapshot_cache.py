"""Pages unused for a while are dropped, and their memory is released."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from chat.lib import memory
from chat.live import snapshot_cache
from chat.live.snapshot_cache import RoomSnapshotCache
from chat.models import Room
from support import people

pytestmark = pytest.mark.django_db(transaction=True)


async def test_memory_is_given_back_once_for_the_pages_that_have_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []
    monkeypatch.setattr(snapshot_cache, "PAGE_SECONDS", 0.05)
    monkeypatch.setattr(memory, "trim", lambda: given.append(True))
    room = await sync_to_async(lambda: people.room("garden", owner=people.alice()))()
    cache = RoomSnapshotCache()
    running = asyncio.create_task(cache.run())
    try:
        for times in (1, 2):
            page = await sync_to_async(cache.page)(room)
            assert '"messages"' in page
            async with asyncio.timeout(10):
                while len(given) < times:
                    await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert len(given) == 2
    finally:
        running.cancel()


@pytest.mark.parametrize(("bound", "most"), [("PAGES_MAX", 3), ("PAGES_BYTES", 3_500)])
def test_the_oldest_pages_make_room_for_more_than_there_may_be(
    bound: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def newest_page(room: Room, *, limit: int) -> str:
        read.append(room.pk)
        return "x" * 1_000

    monkeypatch.setattr(snapshot_cache, "newest_page", newest_page)
    monkeypatch.setattr(snapshot_cache, bound, most)
    cache = RoomSnapshotCache()
    rooms = [Room(pk=number) for number in range(4)]
    for room in (*rooms, *reversed(rooms)):
        cache.page(room)
    assert read == [0, 1, 2, 3, 0], "three are kept: the first made room for the last"
    monkeypatch.setattr(snapshot_cache, "PAGES_BYTES", 10)
    cache.page(Room(pk=9))
    cache.page(Room(pk=9))
    assert read[5:] == [9, 9], "one that is too large is not kept, and no other beside it"
