"""What a process counts, and who may read it."""

import asyncio
import re
from typing import Any
from unittest.mock import Mock

import pytest

from chat import metrics
from chat.live.send_queue import SendQueue
from chat.server.health import may_read_metrics
from support.servers import ROOT


def on_the_page() -> dict[str, str]:
    text = (ROOT / "docs" / "operations.md").read_text()
    return dict(re.findall(r"^\| `(backchannel_\w+)` \| (\w+) \| \S", text, re.MULTILINE))


def in_the_code() -> dict[str, str]:
    found = {}
    for family in metrics.REGISTRY.collect():
        if family.name.startswith("backchannel_"):
            found[family.name + "_total" * (family.type == "counter")] = family.type
    return found


def test_every_metric_is_on_the_page_with_its_kind_and_nothing_else_is() -> None:
    assert on_the_page() == in_the_code()


def value(name: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"backchannel_{name}_total") or 0.0


async def send(_message: dict[str, Any]) -> None:
    """A transport that accepts everything at once."""


def queue() -> SendQueue:
    return SendQueue(send, batch=False, end=Mock())


def test_traffic_is_added_up_over_open_and_ended_sockets() -> None:
    before = {name: value(name) for name in ("sent_events", "sent_bytes", "dropped_events")}
    boxes = queue(), queue()
    for box in boxes:
        metrics.SENT.begin(box.traffic)
        box.offer("plain")
        box.offer("größer 🎉")
    metrics.SENT.end(boxes[0].traffic)
    assert value("sent_events") - before["sent_events"] == 4
    assert value("sent_bytes") - before["sent_bytes"] == 2 * (5 + len("größer 🎉".encode()))
    metrics.SENT.end(boxes[1].traffic)
    assert value("sent_events") - before["sent_events"] == 4


async def test_what_a_slow_socket_does_not_get_counts_as_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.live.send_queue.QUEUE_FRAMES", 4)
    stuck = asyncio.Event()

    async def send_slowly(_message: dict[str, Any]) -> None:
        await stuck.wait()

    box = SendQueue(send_slowly, batch=False, end=Mock())
    assert [box.offer("typing", ephemeral=True) for _ in range(4)] == [True, True, False, False]
    assert (box.traffic.events, box.traffic.bytes, box.traffic.dropped) == (2, 12, 2)
    stuck.set()
    await box.flushed()


def scope(client: object = ("127.0.0.1", 5000), **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"client": client, "headers": raw}


class TestWhoMayRead:
    @pytest.mark.parametrize(
        "peer", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.18.0.5", "fd00::7", "::ffff:10.0.0.1"]
    )
    def test_those_who_are_near(self, peer: str) -> None:
        assert may_read_metrics(scope((peer, 5000)))

    @pytest.mark.parametrize("peer", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "", "localhost", "10.0.0.1.evil"])
    def test_not_a_distant_or_unknown_address(self, peer: str) -> None:
        assert not may_read_metrics(scope((peer, 5000)))

    def test_not_a_caller_without_an_address(self) -> None:
        assert not may_read_metrics(scope(None))

    @pytest.mark.parametrize("header", ["X_Forwarded_For", "x_forwarded_for", "forwarded", "x_real_ip", "via"])
    def test_not_a_caller_behind_a_proxy(self, header: str) -> None:
        assert not may_read_metrics(scope(**{header: "127.0.0.1"}))

    @pytest.mark.parametrize(
        ("sent", "allowed"),
        [
            ("Bearer s3cret", True),
            ("bearer s3cret", False),
            ("Bearer s3cre", False),
            ("Bearer ", False),
            ("Bearer \xff", False),
            ("s3cret", False),
            (None, False),
        ],
    )
    @pytest.mark.parametrize("peer", ["127.0.0.1", "8.8.8.8"])
    def test_with_the_token_a_caller_from_anywhere(
        self, settings: Any, peer: str, sent: str | None, allowed: bool
    ) -> None:
        settings.CHAT_METRICS_TOKEN = "s3cret"
        headers = {} if sent is None else {"Authorization": sent}
        assert may_read_metrics(scope((peer, 1), x_forwarded_for="8.8.8.8", **headers)) is allowed
