"""All writers wait while the transport is full."""

import asyncio

from chat.server.writable import Writable


async def waiting(writable: Writable) -> "list[asyncio.Task[None]]":
    tasks = [asyncio.create_task(writable.wait()) for _ in range(2)]
    await asyncio.sleep(0)
    return tasks


async def test_no_one_waits_for_a_transport_that_takes_more() -> None:
    writable = Writable()
    assert writable.is_set()
    writable.set()
    await writable.wait()
    assert writable.is_set()


async def test_who_waits_goes_on_when_the_transport_has_drained_even_if_it_is_full_again() -> None:
    writable = Writable()
    writable.clear()
    tasks = await waiting(writable)
    writable.clear()
    assert not writable.is_set()
    assert not any(task.done() for task in tasks)
    writable.set()
    writable.clear()
    later = await waiting(writable)
    await asyncio.wait(tasks)
    assert not any(task.done() for task in later)
    writable.set()
    await asyncio.wait(later)
    assert writable.is_set()
