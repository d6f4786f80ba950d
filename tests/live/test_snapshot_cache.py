"""Pages that no one has asked for in a while are dropped, and their memory is given back."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from chat.lib import memory
from chat.live import snapshot_cache
from chat.live.snapshot_cache import RoomSnapshotCache
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
