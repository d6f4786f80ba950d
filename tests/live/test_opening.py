"""Files of people are opened in turns."""

import asyncio
import time

from chat.live import opening
from chat.live.opening import open_for


async def test_the_file_of_one_does_not_wait_for_all_those_of_another() -> None:
    done: list[str] = []

    def opened(name: str) -> None:
        time.sleep(0.05)
        done.append(name)

    many = [asyncio.create_task(open_for(1, opened, f"alice's {number}")) for number in range(10)]
    await asyncio.sleep(0)
    await open_for(2, opened, "bob's")
    assert len(done) <= 5
    await asyncio.gather(*many)
    assert len(done) == 11
    assert opening._turns == {}
