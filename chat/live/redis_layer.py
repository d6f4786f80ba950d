"""Channels' Redis layer without its ten wake-ups a second: a server with 50 idle sockets spent a tenth of its CPU on
them."""

from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from redis.asyncio.client import PubSub

# Seconds that one read of the subscription waits. The broker's own heartbeat arrives each second.
WAIT_SECONDS = 2.0


class RedisLayer(RedisPubSubChannelLayer):
    """Waits for messages with a long timeout; a message that arrives ends the wait, as it does the short one."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        layer: RedisPubSubLoopLayer = super()._get_layer()
        for shard in layer._shards:
            shard.__class__ = _Shard
        return layer


class _Shard(RedisSingleShardConnection):
    def _ensure_redis(self) -> None:
        super()._ensure_redis()
        self._pubsub.__class__ = _PubSub


class _PubSub(PubSub):
    async def get_message(self, ignore_subscribe_messages: bool = False, timeout: float | None = 0.0) -> Any:
        """As the library's, but for the time it waits."""
        return await super().get_message(ignore_subscribe_messages, WAIT_SECONDS if timeout else timeout)
