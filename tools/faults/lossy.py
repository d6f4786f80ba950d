"""A channel layer worse than any real one: it loses some messages, sends some twice, and delays all."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

LOST = 0.3
DOUBLED = 0.1
DELAY_SECONDS = 0.2


class LossyLayer(RedisPubSubChannelLayer):
    """Each message is delayed by a time of its own, and so overtakes others."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._late: set[asyncio.Task[None]] = set()

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        # The layer it stands for finds each method by name, one layer per loop.
        self._lose(lambda: self._get_layer().send(channel, message))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._lose(lambda: self._get_layer().group_send(group, message))

    def _lose(self, send: Callable[[], Awaitable[None]]) -> None:
        if random.random() < LOST:
            return
        for _ in range(2 if random.random() < DOUBLED else 1):
            task = asyncio.get_running_loop().create_task(self._send_late(send))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    @staticmethod
    async def _send_late(send: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(random.uniform(0, DELAY_SECONDS))
        await send()
