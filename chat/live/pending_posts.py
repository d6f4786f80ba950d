"""The posts of one socket that wait for their commit."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

# Posts of one socket that may wait for their commit; beyond it, the socket is not read.
PENDING_MAX = 64


class PendingPosts:
    """Tasks of posts, so that the next frame is read while they commit."""

    __slots__ = ("_posts",)

    def __init__(self) -> None:
        self._posts: set[asyncio.Task[None]] = set()

    async def add(self, post: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `post` in a task, once fewer than `PENDING_MAX` others run; not called when cancelled before."""
        if len(self._posts) >= PENDING_MAX:
            await asyncio.wait(self._posts, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.get_running_loop().create_task(post())
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)

    async def settled(self) -> None:
        """Return when the posts that run now are committed or refused."""
        if self._posts:
            await asyncio.wait(self._posts)
