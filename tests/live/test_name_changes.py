"""When changed names are looked for; tests/live/test_costs.py checks what a look reads and sends."""

import asyncio
from unittest.mock import Mock

import pytest

from chat.live import name_changes
from chat.live.database_watch import DatabaseWatch
from chat.live.name_changes import NameChanges
from chat.live.rooms import LocalRooms
from tests.live.cluster import lone_bus


class Looking(NameChanges):
    """Counts its looks, and reads no database."""

    def __init__(self) -> None:
        self.watch = DatabaseWatch()
        super().__init__(lone_bus(), Mock(), LocalRooms("here", Mock()), self.watch)
        self.looks = 0

    async def look(self) -> None:
        self._stale.clear()
        self.looks += 1


@pytest.mark.parametrize("turns", range(8))
async def test_it_ends_in_whichever_turn_after_a_change_it_is_stopped(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_changes, "GATHER_SECONDS", 0)
    changes = Looking()
    running = asyncio.create_task(changes.run())
    while not changes.looks:
        await asyncio.sleep(0)
    for _ in range(3):
        # It sleeps first, and then waits for a change.
        await asyncio.sleep(0)
    changes.changed()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running], timeout=1)
    assert running.cancelled()


async def test_it_looks_once_for_each_change_and_sleeps_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_changes, "GATHER_SECONDS", 0)
    monkeypatch.setattr(name_changes, "POLL_SECONDS", 0)
    changes = Looking()
    running = asyncio.create_task(changes.run())

    async def looks() -> int:
        for _ in range(30):
            await asyncio.sleep(0)
        return changes.looks

    assert await looks() == 1
    changes.watch.note_change()
    assert await looks() == 2
    changes.changed()
    assert await looks() == 3
    running.cancel()
    await asyncio.wait([running], timeout=1)
    assert running.cancelled()
