"""Files of people are opened in turns."""

import asyncio
import threading
import time

from chat.live import opening
from chat.live.opening import open_for, preview_for


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


async def test_what_is_linked_to_is_opened_one_of_a_person_at_a_time_and_beside_uploads() -> None:
    done: list[str] = []
    goes_on = threading.Event()

    def opened(name: str) -> None:
        if name.startswith("alice"):
            goes_on.wait(10)
        done.append(name)

    many = [asyncio.create_task(preview_for(1, opened, f"alice's {number}")) for number in range(5)]
    await asyncio.sleep(0)
    other = asyncio.create_task(preview_for(2, opened, "bob's page"))
    await asyncio.wait_for(open_for(2, opened, "bob's file"), 5)
    assert done == ["bob's file"]
    goes_on.set()
    await asyncio.gather(other, *many)
    assert done[:3] == ["bob's file", "alice's 0", "bob's page"]
    assert len(done) == 7
    assert opening._turns == {}
