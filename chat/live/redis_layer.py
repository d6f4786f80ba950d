"""Channels' Redis layer, without its ten wake-ups a second, the wait for the reply to each message, and own messages.

A server with 50 idle sockets spent a tenth of its CPU on the wake-ups. One PUBLISH by the library takes 260 µs of CPU,
a third of the cost of a message to a room of 25: mostly for getting a connection from the pool and reading the reply.
"""

import asyncio
import time
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from channels_redis.serializers import msgpack
from redis.asyncio.client import PubSub
from redis.asyncio.connection import Connection
from redis.exceptions import RedisError

# Seconds that one read of the subscription waits. The broker's own heartbeat arrives every second.
WAIT_SECONDS = 2.0
# Seconds without a reply after which the connection counts as dead. Something is published every second.
ANSWER_SECONDS = 2.0
# The library's packer allocates 1 MB for each message, and asyncio 256 KB for each read. Both are separate pages, which
# the kernel allocates and frees each time: 15 µs per message.
PACK_BYTES = 4096
READ_BYTES = 64 * 1024


class RedisLayer(RedisPubSubChannelLayer):
    """Waits for messages with a long timeout; an arriving message ends the wait, as it does the short one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._serializer.as_bytes is msgpack.packb:
            self._serializer.as_bytes = _packed

    def group_send_now(self, group: str, message: dict[str, Any]) -> bool:
        """`group_send` without a coroutine; False, with nothing sent, without a connection or with a full one.

        Raises:
            OSError: as `group_send`.
        """
        layer = self._get_layer()
        channel = layer._get_group_channel_name(group)
        return bool(layer._get_shard(channel).publish_now(channel, self.serialize(message)))

    def ignore(self, origin: str) -> None:
        """Drop messages with this `origin` on this event loop before they are unpacked: Redis sends a group's messages
        back to their sender. When two origins were given, as in a test of two processes, none is dropped."""
        own = msgpack.packb("origin") + msgpack.packb(origin)
        for shard in self._get_layer()._shards:
            shard.ignore(own)

    def _get_layer(self) -> RedisPubSubLoopLayer:
        layer: RedisPubSubLoopLayer = super()._get_layer()
        for shard in layer._shards:
            shard.__class__ = _Shard
        return layer


class _Shard(RedisSingleShardConnection):
    _publishing: "_Publishing | None" = None
    # Bytes that own messages contain; empty: there are several senders.
    _own: bytes | None = None

    def _ensure_redis(self) -> None:
        super()._ensure_redis()
        self._pubsub.__class__ = _PubSub
        self._pubsub.own = self._own

    def ignore(self, own: bytes) -> None:
        """Drop messages that contain these bytes."""
        self._own = own if self._own in (None, own) else b""
        if self._pubsub is not None:
            self._pubsub.own = self._own

    def publish_now(self, channel: str, message: bytes) -> bool:
        """`publish` without a wait; False, with nothing sent, if it would have to wait.

        Raises:
            OSError: as `publish`.
        """
        publishing = self._publishing
        if publishing is None or publishing.lost or not publishing.writable.is_set():
            return False
        publishing.send(channel.encode(), message)
        return True

    async def publish(self, channel: str, message: bytes) -> None:
        """Send a message. It may be lost without an error, like every message of this layer.

        Raises:
            OSError: the server is gone, refused an earlier message, or does not reply.
        """
        publishing = self._publishing
        if publishing is None or publishing.lost:
            publishing = await self._connect()
        publishing.send(channel.encode(), message)
        if not publishing.writable.is_set():
            await publishing.writable.wait()

    async def _connect(self) -> "_Publishing":
        async with self._lock:
            if self._publishing is None or self._publishing.lost:
                await self._disconnect()
                self._ensure_redis()
                # The library connects: it handles passwords, encryption and Sentinels.
                connection = self._redis.connection_pool.make_connection()
                await connection.connect()
                self._publishing = _Publishing(connection)
            return self._publishing

    async def _disconnect(self) -> None:
        publishing, self._publishing = self._publishing, None
        if publishing:
            await publishing.connection.disconnect(nowait=True)

    async def flush(self) -> None:
        """Close all connections."""
        async with self._lock:
            await self._disconnect()
        await super().flush()


class _Publishing(asyncio.Protocol):
    """A connection for PUBLISH only. The replies are numbers of receivers; an error reply ends the connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        assert connection._writer
        self._transport = connection._writer.transport
        _read_less(self._transport)
        self._former = self._transport.get_protocol()
        self._transport.set_protocol(self)
        self.lost = False
        self.writable = asyncio.Event()
        self.writable.set()
        self._refused = ""
        # When the first message without a reply yet was sent.
        self._unanswered_since: float | None = None

    def send(self, channel: bytes, message: bytes) -> None:
        """Send a message, or raise OSError for earlier ones."""
        now = time.monotonic()
        if self._unanswered_since is None:
            self._unanswered_since = now
        elif now - self._unanswered_since > ANSWER_SECONDS:
            self._transport.abort()
            raise TimeoutError("Redis does not answer.")
        if self._refused:
            self._transport.abort()
            raise ConnectionError(f"Redis refuses a message: {self._refused}")
        self._transport.write(
            b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(channel), channel, len(message), message)
        )

    def data_received(self, data: bytes) -> None:
        """asyncio's hook: replies have arrived."""
        self._unanswered_since = None
        if data.startswith(b"-") or b"\n-" in data:
            self._refused = data.decode(errors="replace").partition("-")[2].partition("\r")[0]

    def pause_writing(self) -> None:
        """asyncio's hook: the server reads more slowly than this process writes."""
        self.writable.clear()

    def resume_writing(self) -> None:
        """asyncio's hook."""
        self.writable.set()

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio's hook. The library waits for its protocol when it closes the connection."""
        self.lost = True
        self.writable.set()
        self._former.connection_lost(error)


class _PubSub(PubSub):
    # The connection whose read size is already limited.
    _known: Any = None
    # Bytes that the dropped messages contain.
    own: bytes | None = None

    async def get_message(
        self,
        ignore_subscribe_messages: bool = False,
        timeout: float | None = 0.0,  # noqa: ASYNC109  # as the library has it
    ) -> Any:
        """As the library's method, with another timeout, and a shortcut for messages of a working connection."""
        connection = self.connection
        if connection is not None and connection.is_connected:
            if connection is not self._known:
                self._known = connection
                _read_less(connection._writer.transport)
            try:
                async with asyncio.timeout(WAIT_SECONDS if timeout else timeout):
                    while True:
                        response = await connection._read_response_from_parser(push_request=True)
                        if not (self.own and _is_message(response) and self.own in response[2]):
                            break
            except TimeoutError:
                # Let the library ping the server.
                timeout = 0.0
            except (RedisError, OSError):
                # Let the library connect and subscribe again.
                pass
            else:
                if _is_message(response):
                    # As `handle_message` does for a channel without a handler: the layer registers none.
                    return {"type": "message", "pattern": None, "channel": response[1], "data": response[2]}
                return await self.handle_message(response, ignore_subscribe_messages)
        return await super().get_message(ignore_subscribe_messages, WAIT_SECONDS if timeout else timeout)


def _is_message(response: Any) -> bool:
    return isinstance(response, list) and response[0] == b"message"


def _packed(message: Any) -> bytes:
    packed: bytes = msgpack.Packer(buf_size=PACK_BYTES).pack(message)
    return packed


def _read_less(transport: Any) -> None:
    """Read at most READ_BYTES at once, if the transport is asyncio's: others allocate less on their own."""
    if hasattr(transport, "max_size"):
        transport.max_size = READ_BYTES
