"""Two requests that write to one upload, and requests that are cancelled."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.api.parts import Locked, Part


async def stalling(*pieces: bytes) -> AsyncIterator[bytes]:
    """Send these pieces, and then block."""
    for piece in pieces:
        yield piece
    await asyncio.Event().wait()


async def pieces(*some: bytes) -> AsyncIterator[bytes]:
    for one in some:
        yield one


async def write(path: Path, arriving: AsyncIterator[bytes]) -> int:
    async with Part("key", path) as part:
        return await part.append(arriving, most=100)


async def test_a_request_that_comes_back_ends_the_one_that_still_waits(tmp_path: Path) -> None:
    path = tmp_path / "key"
    old = asyncio.create_task(write(path, stalling(b"01234")))
    await asyncio.sleep(0.05)
    assert await write(path, pieces(b"56", b"789")) == 10
    with pytest.raises(Locked):
        await old
    assert not old.cancelling()
    assert path.read_bytes() == b"0123456789"


async def test_what_arrived_stays_when_a_request_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "key"
    gone = asyncio.create_task(write(path, stalling(b"01234")))
    await asyncio.sleep(0.05)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await write(path, pieces(b"5")) == 6
    assert path.read_bytes() == b"012345"
