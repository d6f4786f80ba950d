"""The posts of one socket that wait for their commit."""

import asyncio
from typing import Any

# Posts of one socket that may wait for their commit; beyond it, the socket is not read.
PENDING_MAX = 64


class PendingPosts:
    """Posts whose commit is not waited for, so that the next frame is read meanwhile."""

    __slots__ = ("_posts",)

    def __init__(self) -> None:
        # Empty, a dictionary takes a third of a set.
        self._posts: dict[asyncio.Future[Any], None] = {}

    async def below_most(self) -> None:
        """Return when fewer than `PENDING_MAX` wait."""
        if len(self._posts) >= PENDING_MAX:
            await asyncio.wait(self._posts, return_when=asyncio.FIRST_COMPLETED)

    def add(self, post: "asyncio.Future[Any]") -> None:
        """Count `post` until it is done."""
        self._posts[post] = None
        post.add_done_callback(self._posts.pop)

    async def settled(self) -> None:
        """Return when the posts that wait now are committed or refused."""
        if self._posts:
            await asyncio.wait(self._posts)
