"""The connection to the other processes: with the in-memory layer, and with a Redis that stops, starts and freezes."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from channels.layers import channel_layers
from django.test import override_settings
from redis import asyncio as aioredis

from chat.live import broker as broker_module
from chat.live import redis_layer
from chat.live.broker import Broker, Message
from chat.live.redis_layer import RedisLayer
from support.redis import RedisServer


class Ear(Broker):
    """A broker that records what it receives."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.listening: list[str] = []
        super().__init__()

    def hear(self) -> None:
        self.start(self.heard.append, self.listening.extend)


class CountedLayer:
    """A channel layer that records which group each message is sent to."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self.groups: list[str] = []
        self.sent_now = 0

    async def group_send(self, group: str, message: Message) -> None:
        self.groups.append(group)
        await self._layer.group_send(group, message)

    def group_send_now(self, group: str, message: Message) -> bool:
        sent: bool = self._layer.group_send_now(group, message)
        if sent:
            self.groups.append(group)
            self.sent_now += 1
        return sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)


async def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the broker five times as fast."""
    for name in ("HEARTBEAT_SECONDS", "HEARTBEAT_LATE_SECONDS", "CALL_TIMEOUT_SECONDS", "REBUILD_SECONDS"):
        monkeypatch.setattr(broker_module, name, getattr(broker_module, name) / 5)


@pytest.fixture
async def redis(_quick: None, redis_server: RedisServer) -> AsyncGenerator[tuple[Ear, Ear]]:
    address = {"address": redis_server.url, "socket_timeout": 15, "socket_connect_timeout": 2}
    layer = {"BACKEND": "chat.live.redis_layer.RedisLayer", "CONFIG": {"hosts": [address]}}
    with override_settings(CHANNEL_LAYERS={"default": layer}):
        channel_layers.backends = {}
        async for pair in two_ears():
            yield pair


async def two_ears() -> AsyncGenerator[tuple[Ear, Ear]]:
    one, other = Ear(), Ear()
    for broker in (one, other):
        broker.hear()
        broker.listen("everybody")
    await until(lambda: one.listening and other.listening)
    yield one, other
    for broker in (one, other):
        await broker.stop()


async def delivers(one: Ear, other: Ear, *, seconds: float = 10.0) -> None:
    """Wait until notifications get through again."""
    other.heard.clear()
    async with asyncio.timeout(seconds):
        while not other.heard:
            one.send("everybody", {"type": "hint", "n": 1})
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("_quick")
async def test_a_process_with_a_layer_in_memory_is_alone_and_sends_nothing() -> None:
    broker = Ear()
    broker._layer = CountedLayer(broker._layer)
    broker.hear()
    try:
        broker.listen("room")
        broker.send("room", {"type": "hint"})
        # Wait longer than the broker waits for its heartbeat.
        await until(lambda: broker.listening)
        before = broker._heartbeat_at
        await until(lambda: broker._heartbeat_at > before + broker_module.HEARTBEAT_LATE_SECONDS)
    finally:
        await broker.stop()
    assert (broker._layer.groups, broker.listening, broker.heard) == ([], [broker_module.ALL_PROCESSES], [])
    assert broker.well


@pytest.mark.parametrize("turns", range(8))
async def test_it_ends_in_whichever_turn_of_the_loop_it_is_stopped(turns: int) -> None:
    broker = Ear()
    broker.hear()
    for _ in range(turns):
        await asyncio.sleep(0)
    await broker.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_notifications_reach_the_group_in_order(redis: tuple[Ear, Ear]) -> None:
    one, other = redis
    other.listen("room")
    await until(lambda: "room" in other.listening)
    for n in range(50):
        one.send("room", {"type": "hint", "n": n, "texts": ["a", "ü"]})
    await until(lambda: len(other.heard) == 50)
    assert [hint["n"] for hint in other.heard] == [*range(50)]
    assert other.heard[0] == {"type": "hint", "n": 0, "texts": ["a", "ü"]}
    assert one.heard == []
    other.unlisten("room")
    # Groups are joined and left in order.
    other.listen("garden")
    await until(lambda: "garden" in other.listening)
    one.send("room", {"type": "hint"})
    await until(lambda: not one._outgoing)
    await delivers(one, other)
    assert {hint.get("n") for hint in other.heard} == {1}
    assert one.well
    assert other.well


async def test_an_idle_subscription_wakes_up_for_messages_and_seldom_else(
    redis: tuple[Ear, Ear], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = redis
    reads = 0
    get_message = redis_layer._PubSub.get_message

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal reads
        reads += 1
        return await get_message(self, *args, **kwargs)

    monkeypatch.setattr(redis_layer._PubSub, "get_message", counted)
    await delivers(one, other)
    reads = 0
    await asyncio.sleep(1.0)
    # Two brokers, five heartbeats each; the library's own timeout is a tenth of a second for each read.
    assert reads <= 16
    began = asyncio.get_running_loop().time()
    other.heard.clear()
    one.send("everybody", {"type": "hint", "n": 2})
    await until(lambda: other.heard)
    assert asyncio.get_running_loop().time() - began < 1.0


async def test_a_notification_that_fails_is_logged_and_harms_no_other(
    redis: tuple[Ear, Ear], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = redis

    def take_in(hint: Message) -> None:
        if "texts" in hint:
            raise KeyError("revs")
        other.heard.append(hint)

    monkeypatch.setattr(other, "_on_message", take_in)
    one.send("everybody", {"type": "room.events", "texts": ["a secret"]})
    for n in range(3):
        one.send("everybody", {"type": "hint", "n": n})
    await until(lambda: [hint["n"] for hint in other.heard] == [0, 1, 2])
    [line] = caplog.records
    assert line.getMessage() == "A notification could not be processed: room.events"
    assert line.exc_info
    assert "a secret" not in caplog.text
    assert other.well


async def test_hints_that_wait_for_another_travel_together(
    redis: tuple[Ear, Ear],
) -> None:
    one, other = redis
    one._layer = CountedLayer(one._layer)
    for n in range(2 * broker_module.BUNDLE_NOTIFICATIONS):
        one.send(f"room{n % 7}", {"type": "hint", "n": n})
    await until(lambda: len(other.heard) == 2 * broker_module.BUNDLE_NOTIFICATIONS)
    assert [hint["n"] for hint in other.heard] == [*range(2 * broker_module.BUNDLE_NOTIFICATIONS)]
    assert one._layer.groups == [broker_module.ALL_PROCESSES] * 2, "for different rooms, to every process"
    for n in range(3):
        one.send("everybody", {"type": "hint", "n": n})
    await until(lambda: [hint["n"] for hint in other.heard[-3:]] == [0, 1, 2])
    assert one._layer.groups[2:] == ["everybody"], "one room's are its listeners' alone"


async def test_what_a_process_sent_is_not_sent_back_to_it(redis: tuple[Ear, Ear]) -> None:
    one, other = redis
    await delivers(one, other)
    for broker in redis:
        broker.heard.clear()
    # Both brokers share one layer here: it drops messages of the ignored sender only.
    one._layer.ignore("a" * 32)
    one.send("everybody", {"type": "hint", "origin": "a" * 32, "n": 1})
    one.send("everybody", {"type": "hint", "origin": "a" * 32, "n": 2})
    await asyncio.sleep(0)
    other.send("everybody", {"type": "hint", "origin": "b" * 32, "text": f"origin {'a' * 32}"})
    await until(lambda: other.heard and one.heard)
    assert [hint["origin"][0] for hint in one.heard + other.heard] == ["b", "b"]
    # With two ignored senders the layer cannot know which messages are its own.
    other._layer.ignore("b" * 32)
    one.send("everybody", {"type": "hint", "origin": "a" * 32, "n": 3})
    await until(lambda: len(other.heard) == len(one.heard) == 2)
    assert one.heard[-1]["n"] == 3


async def test_a_notification_is_sent_without_a_task_once_there_is_a_connection(redis: tuple[Ear, Ear]) -> None:
    one, other = redis
    await delivers(one, other)
    other.heard.clear()
    one._layer = CountedLayer(one._layer)
    for n in range(20):
        one.send("everybody", {"type": "hint", "n": n})
        await asyncio.sleep(0)
    await until(lambda: len(other.heard) == 20)
    assert [hint["n"] for hint in other.heard] == [*range(20)]
    assert one._layer.sent_now == 20
    assert not one._work.is_set()


async def test_no_one_waits_for_a_redis_that_is_gone(redis: tuple[Ear, Ear], redis_server: RedisServer) -> None:
    one, other = redis
    with redis_server.stopped():
        await until(lambda: not one.well and not other.well)
        started = asyncio.get_running_loop().time()
        for _ in range(1000):
            one.send("everybody", {"type": "hint"})
        other.listen("a new room")
        assert asyncio.get_running_loop().time() - started < 0.5
        await until(lambda: not one._outgoing)
    await until(lambda: one.well and other.well and "a new room" in other.listening)
    await delivers(one, other)


async def test_no_one_waits_for_a_redis_that_hangs(redis: tuple[Ear, Ear], redis_server: RedisServer) -> None:
    one, other = redis
    with redis_server.paused():
        one.send("everybody", {"type": "hint"})
        await until(lambda: not one.well and not other.well)
        # Wait long enough for the broker to give up the layer and build a new one.
        await asyncio.sleep(broker_module.REBUILD_SECONDS)
        one.send("everybody", {"type": "hint"})
    await until(lambda: one.well and other.well)
    await delivers(one, other)


async def test_a_redis_that_refuses_messages_is_noticed_and_one_that_takes_them_again(
    redis: tuple[Ear, Ear], redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = redis
    async with aioredis.Redis(port=redis_server.port) as operator:
        await operator.acl_setuser("default", enabled=True, nopass=True, keys="*", channels="*", commands=["-publish"])
        try:
            await until(lambda: not one.well and "Redis refuses a message: NOPERM" in caplog.text)
        finally:
            await operator.acl_setuser("default", enabled=True, nopass=True, commands=["+publish"])
    await until(lambda: one.well and other.well)
    await delivers(one, other)


async def test_a_message_is_not_published_for_a_caller_that_was_cancelled_before_the_connection(
    redis_server: RedisServer,
) -> None:
    layer = RedisLayer(hosts=[redis_server.url])
    shard = layer._get_layer()._shards[0]
    with redis_server.paused():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(layer.group_send("room", {"type": "hint"}), 0.1)
        assert shard._publishing is None
    await layer.group_send("room", {"type": "hint"})
    assert shard._publishing
    assert not shard._publishing.lost
    await layer.flush()
    assert shard._publishing is None


async def test_a_short_pause_goes_unnoticed(redis: tuple[Ear, Ear], redis_server: RedisServer) -> None:
    one, other = redis
    with redis_server.paused():
        one.send("everybody", {"type": "hint", "n": 7})
        await asyncio.sleep(0.1)
    await until(lambda: [hint["n"] for hint in other.heard] == [7])
    assert one.well


async def test_stopping_does_not_wait_for_redis(redis: tuple[Ear, Ear], redis_server: RedisServer) -> None:
    one, _ = redis
    with redis_server.paused():
        one.listen("a new room")
        await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            await one.stop()
