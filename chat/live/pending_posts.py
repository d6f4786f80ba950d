"""The posts of one socket that await their commit."""

import asyncio
from typing import Any

# Posts of one socket that may await their commit; with more, the socket is not read.
PENDING_MAX = 64


class PendingPosts:
    """Posts under way: the socket's next frame is read before they are committed."""

    __slots__ = ("_posts",)

    def __init__(self) -> None:
        # An empty dictionary takes a third of the memory of an empty set.
        self._posts: dict[asyncio.Future[Any], None] = {}

    async def below_most(self) -> None:
        """Return when fewer than `PENDING_MAX` are pending."""
        if len(self._posts) >= PENDING_MAX:
            await asyncio.wait(self._posts, return_when=asyncio.FIRST_COMPLETED)

    def add(self, post: "asyncio.Future[Any]") -> None:
        """Count `post` until it is done."""
        self._posts[post] = None
        post.add_done_callback(self._posts.pop)

    async def settled(self) -> None:
        """Return when the posts pending now are committed or refused."""
        if self._posts:
            await asyncio.wait(self._posts)
