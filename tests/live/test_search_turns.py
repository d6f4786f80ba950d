"""One person's searches take turns, so that other people's searches are not held up."""

import asyncio
import gc
from collections import Counter
from typing import Any

import pytest

from chat.live import db, searching
from chat.models import Participant
from chat.queries.search import Results


async def test_the_searches_of_one_person_take_turns_and_no_one_elses_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    running: Counter[int] = Counter()
    seen: list[Counter[int]] = []

    async def search(_function: Any, *, user: Participant, **_: Any) -> Results:
        running[user.pk] += 1
        seen.append(+running)
        for _turn in range(5):
            await asyncio.sleep(0)
        running[user.pk] -= 1
        return Results()

    monkeypatch.setattr(db, "search", search)
    people = [Participant(pk=pk) for pk in (1, 2, 1, 2, 1)]
    wishes: dict[str, Any] = {"limit": None, "after": None, "zone": "", "public": False, "request_id": None}
    await asyncio.gather(*(searching.results(user, "buoy", **wishes) for user in people))
    assert len(seen) == len(people)
    assert max(max(running.values()) for running in seen) == 1
    assert max(len(running) for running in seen) == 2
    gc.collect()
    assert not searching._turns
