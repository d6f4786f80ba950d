"""Opens uploaded and linked files: few per user at a time, so that no one waits for another's hundred files."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from chat.live import db

P = ParamSpec("P")
T = TypeVar("T")

# The number of threads for it (`chat.live.db`): a single user may use all of them.
AT_ONCE = 2
PREVIEWS_AT_ONCE = 1


@dataclass(slots=True)
class _Turns:
    """The files of one user that are being opened, or wait."""

    places: asyncio.Semaphore
    files: int = 0


# By the number of places and the user id.
_turns: dict[tuple[int, int], _Turns] = {}


async def open_for(user_id: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`db.on_media`, when it is the turn of this user's file."""
    async with _turn(AT_ONCE, user_id):
        return await db.on_media(function, *args, **kwargs)


async def preview_for(user_id: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`db.on_previews`, when it is the turn of this user's link."""
    async with _turn(PREVIEWS_AT_ONCE, user_id):
        return await db.on_previews(function, *args, **kwargs)


@asynccontextmanager
async def _turn(at_once: int, user_id: int) -> AsyncIterator[None]:
    key = at_once, user_id
    turns = _turns.setdefault(key, _Turns(asyncio.Semaphore(at_once)))
    turns.files += 1
    try:
        async with turns.places:
            yield
    finally:
        turns.files -= 1
        if not turns.files:
            del _turns[key]
