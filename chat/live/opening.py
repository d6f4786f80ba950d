"""Opening what people upload: two files of one person at a time, so that others wait for two and not for a hundred."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from chat.live import db

P = ParamSpec("P")
T = TypeVar("T")

# As many as there are threads for it (`chat.live.db`): who is alone has all of them.
AT_ONCE = 2


@dataclass(slots=True)
class _Turns:
    """The files of one person that are opened, or wait."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    files: int = 0


_turns: dict[int, _Turns] = {}


async def open_for(user_id: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`db.on_media`, when it is the turn of this person's file."""
    turns = _turns.setdefault(user_id, _Turns())
    turns.files += 1
    try:
        async with turns.places:
            return await db.on_media(function, *args, **kwargs)
    finally:
        turns.files -= 1
        if not turns.files:
            del _turns[user_id]
