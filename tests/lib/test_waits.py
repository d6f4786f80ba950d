"""Background loops wait until common steps of time, or until an event."""

import asyncio

import pytest

from chat.lib import waits
from chat.lib.waits import STEP_SECONDS, rest, step_after


@pytest.fixture(autouse=True)
def _begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "_BEGIN", 0.125)


@pytest.mark.parametrize(
    ("moment", "seconds", "step"),
    [(7.0, 0.5, 7.125), (7.125, 0.5, 7.125), (7.126, 0.5, 7.625), (7.5, 1.0, 8.125), (8.126, 1.0, 9.125)],
)
def test_the_next_step(moment: float, seconds: float, step: float) -> None:
    assert step_after(moment, seconds) == step


def test_who_sleeps_for_different_times_wakes_at_the_same_steps() -> None:
    woken = {step_after(began + seconds) for began in (10.0, 10.01, 10.2) for seconds in (1.0, 4.9)}
    woken |= {step_after(began, 1.0) for began in (10.0, 10.4, 14.3)}
    assert woken == {10.125, 11.125, 11.625, 15.125}
    assert all((step - 0.125) % STEP_SECONDS == 0 for step in woken)


async def test_a_rest_ends_when_something_happens_or_its_time_is_over() -> None:
    event = asyncio.Event()
    resting = asyncio.create_task(rest(event, 0, 3600))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not resting.done()
    event.set()
    await resting
    event.clear()
    # The event is awaited only after the minimum time.
    await rest(event, 0, 0)
    await rest(event, 0.001, -1)
