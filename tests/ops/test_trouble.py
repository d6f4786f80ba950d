"""What an operator sees of lost hints and slow sockets: a metric and a log line."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any
from unittest.mock import Mock

import pytest
from channels.layers import BaseChannelLayer, channel_layers
from django.test import override_settings

from chat import metrics
from chat.live.broker import Broker
from chat.live.connection_log import ConnectionLog
from chat.live.room_stream import RoomStream
from chat.live.rooms import LocalRoom
from chat.live.send_queue import SendQueue
from chat.queries.history import Changes
from chat.services.publishing import Publication


def value(name: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"backchannel_{name}_total") or 0.0


@pytest.fixture
async def room(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[LocalRoom]:
    """A room whose missing events no longer exist, as if superseded."""

    async def read(_function: object, _room_id: int, _position: int, head: int) -> Changes:
        return Changes([], head, head)

    monkeypatch.setattr("chat.live.rooms.db.run", read)
    room = LocalRoom(7, "lobby", RoomStream(10), "here")
    yield room
    room.stop()


async def test_a_gap_and_its_recovery_are_counted_and_logged(room: LocalRoom, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="chat")
    before = value("gaps"), value("heals")
    room.offer([Publication(7, 12, "twelve")])
    async with asyncio.timeout(5):
        while room.stream.behind:
            await asyncio.sleep(0.01)
    assert (value("gaps"), value("heals")) == (before[0] + 1, before[1] + 1)
    lines = {record.message: record.__dict__ for record in caplog.records}
    gap, healed = lines["gap in a room"], lines["room healed"]
    assert (gap["room"], gap["position"], gap["head"]) == (7, 10, 12)
    assert (healed["room"], healed["position"], healed["upto"], healed["events"]) == (7, 10, 12, 0)


async def test_a_gap_that_closes_by_itself_is_no_recovery(room: LocalRoom) -> None:
    before = value("gaps"), value("heals")
    room.offer([Publication(7, 12, "twelve")])
    room.offer([Publication(7, 11, "eleven")])
    # The gap of another room starts later and is recovered: by then this one would have been recovered, too.
    other = LocalRoom(8, "garden", RoomStream(10), "here")
    other.offer([Publication(8, 12, "twelve")])
    async with asyncio.timeout(5):
        while other.stream.behind:
            await asyncio.sleep(0.01)
    other.stop()
    assert (value("gaps"), value("heals")) == (before[0] + 2, before[1] + 1)


class RefusingLayer(BaseChannelLayer):
    """A channel layer between processes that accepts no message."""

    async def new_channel(self, prefix: str = "specific") -> str:
        return f"{prefix}.here"

    async def group_add(self, _group: str, _channel: str) -> None:
        """Groups can be joined."""

    async def group_discard(self, _group: str, _channel: str) -> None:
        """Groups can be left."""

    async def receive(self, _channel: str) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def group_send(self, _group: str, _message: dict[str, Any]) -> None:
        raise ConnectionError("the layer is gone")


@override_settings(CHANNEL_LAYERS={"default": {"BACKEND": f"{__name__}.RefusingLayer"}})
async def test_notifications_that_the_layer_does_not_take_are_counted_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="chat")
    channel_layers.backends = {}
    broker = Broker()
    before = value("publish_failures")
    broker.start(lambda _message: None, lambda _groups: None)
    try:
        for n in range(3):
            broker.send("chat.room.1", {"type": "room.live", "n": n})
        async with asyncio.timeout(5):
            while value("publish_failures") == before:
                await asyncio.sleep(0.01)
    finally:
        await broker.stop()
    assert value("publish_failures") == before + 3
    assert [record.__dict__["hints"] for record in caplog.records if record.message == "hints lost"] == [3]


async def test_a_socket_that_falls_behind_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="chat")
    monkeypatch.setattr("chat.live.send_queue.QUEUE_FRAMES", 4)
    journal = ConnectionLog("10.0.0.1")
    stuck = asyncio.Event()

    async def send(_message: dict[str, Any]) -> None:
        await stuck.wait()

    box = SendQueue(send, batch=False, end=Mock(), on_drop=lambda: journal.fell_behind(user=3))
    for _ in range(9):
        box.offer("typing", ephemeral=True)
    [line] = [record.__dict__ for record in caplog.records if record.message == "socket falls behind"]
    assert (line["user"], box.traffic.dropped) == (3, 7)
    stuck.set()
    await box.flushed()
