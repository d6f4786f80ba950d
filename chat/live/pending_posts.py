"""The posts of one socket whose commit is under way."""

import asyncio
from collections.abc import Coroutine
from typing import Any

# Posts of one socket that may wait for their commit; then the socket is read no further.
PENDING_MAX = 64


class PendingPosts:
    __slots__ = ("_posts",)

    def __init__(self) -> None:
        self._posts: set[asyncio.Task[None]] = set()

    async def add(self, post: Coroutine[Any, Any, None]) -> None:
        """Run `post` beside the socket, once fewer than `PENDING_MAX` others are under way."""
        if len(self._posts) >= PENDING_MAX:
            await asyncio.wait(self._posts, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.get_running_loop().create_task(post)
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)

    async def settled(self) -> None:
        """Return once those that are under way now are committed or refused."""
        if self._posts:
            await asyncio.wait(self._posts)
