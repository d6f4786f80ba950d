"""What arrives on a socket waits for its consumer, in order."""

import asyncio
import sys
from typing import Any

from chat.server.receive_queue import ReceiveQueue


def message(number: int) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": f"{number}"}


async def test_messages_come_out_in_the_order_they_came() -> None:
    queue = ReceiveQueue()
    for number in range(3):
        queue.put_nowait(message(number))
    assert queue.qsize() == 3
    assert [await queue.get() for _ in range(3)] == [message(number) for number in range(3)]
    assert queue.empty()


async def test_a_reader_waits_for_the_next_one_and_finds_those_that_came_with_it() -> None:
    queue = ReceiveQueue()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(message(1))
    queue.put_nowait(message(2))
    assert await reading == message(1)
    assert await queue.get() == message(2)


async def test_a_reader_that_gives_up_takes_nothing_with_it() -> None:
    queue = ReceiveQueue()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(message(1))
    reading.cancel()
    await asyncio.wait([reading])
    assert await queue.get() == message(1)


async def test_an_idle_one_is_small() -> None:
    queue = ReceiveQueue()
    reading = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    held = [getattr(queue, name) for name in ReceiveQueue.__slots__]
    assert sum(map(sys.getsizeof, [queue, *held])) < 400
    reading.cancel()
