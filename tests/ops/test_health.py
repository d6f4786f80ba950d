"""`/healthz` and `/readyz`: answered by the process itself."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from django.db import OperationalError

from chat.live.hub import Hub, current_hub
from chat.server import health
from chat.server.health import Health, LoopLag


async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
    """The application behind the health addresses."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"a page"})


async def never() -> Any:
    raise AssertionError("nobody reads what is sent to these addresses")


async def ask(path: str, method: str = "GET", client: str = "8.8.8.8") -> tuple[int, Any]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "method": method, "headers": [], "client": (client, 1)}
    await Health(elsewhere)(scope, never, send)
    start, body = sent
    headers = dict(start["headers"])
    if headers.get(b"content-type") == b"application/json" and body["body"]:
        return start["status"], json.loads(body["body"])
    return start["status"], body["body"]


@pytest.fixture
async def hub(transactional_db: None) -> AsyncGenerator[Hub]:
    hub = current_hub()
    yield hub
    if not hub.draining:
        await hub.stop()


@pytest.fixture
def broken_database(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    def refuse() -> None:
        raise OperationalError("FATAL: password authentication failed for user backchannel at db.internal")

    with monkeypatch.context() as patch:
        patch.setattr(health, "_select_one", refuse)
        yield


class TestAlive:
    async def test_it_says_so_to_everybody(self) -> None:
        status, body = await ask("/healthz")
        assert (status, body["status"]) == (200, "ok")
        assert body["loop_lag_seconds"] >= 0

    async def test_it_asks_neither_database_nor_layer(self, broken_database: None) -> None:
        assert (await ask("/healthz"))[0] == 200

    @pytest.mark.parametrize("path", ["/", "/healthz/", "/HEALTHZ", "/metricsx", "/api/v1/rooms"])
    async def test_other_paths_reach_the_application(self, path: str) -> None:
        assert await ask(path) == (299, b"a page")

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    async def test_it_is_only_for_reading(self, path: str) -> None:
        assert await ask(path, "POST", "127.0.0.1") == (405, b"")

    async def test_head_is_an_answer_without_a_body(self) -> None:
        assert await ask("/healthz", "HEAD") == (200, b"")

    async def test_a_loop_that_is_held_up_shows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "LAG_EVERY_SECONDS", 0.02)
        lag = LoopLag()
        await asyncio.sleep(0)
        time.sleep(0.12)
        await asyncio.sleep(0.05)
        assert lag.seconds >= 0.05


class TestReady:
    async def test_it_can_serve(self, hub: Hub) -> None:
        assert await ask("/readyz") == (200, {"ready": True, "missing": []})

    async def test_a_database_that_is_away_is_named_and_no_more_said(self, hub: Hub, broken_database: None) -> None:
        assert await ask("/readyz") == (503, {"ready": False, "missing": ["database"]})

    async def test_so_is_one_that_goes_while_it_is_asked(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse() -> None:
            raise OperationalError("the connection was closed")

        monkeypatch.setattr(health, "is_migrated", refuse)
        assert await ask("/readyz") == (503, {"ready": False, "missing": ["database"]})

    async def test_a_database_that_stalls_is_not_waited_for(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "DATABASE_SECONDS", 0.05)
        monkeypatch.setattr(health, "_select_one", lambda: time.sleep(0.3))
        assert (await ask("/readyz"))[1]["missing"] == ["database"]

    async def test_a_database_older_than_the_program_is_named(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "is_migrated", lambda: False)
        assert (await ask("/readyz"))[1]["missing"] == ["migrations"]

    async def test_a_layer_that_is_silent_is_named(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("chat.live.broker.HEARTBEAT_LATE_SECONDS", -1.0)
        assert (await ask("/readyz"))[1]["missing"] == ["layer"]

    async def test_a_stopping_process_accepts_no_new_socket(self, hub: Hub) -> None:
        hub.draining = True
        try:
            assert "draining" in (await ask("/readyz"))[1]["missing"]
        finally:
            hub.draining = False

    async def test_many_who_ask_at_once_ask_the_database_once(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[None] = []
        monkeypatch.setattr(health, "_select_one", lambda: asked.append(None))
        answers = await asyncio.gather(*(ask("/readyz") for _ in range(50)))
        assert {status for status, _ in answers} == {200}
        assert len(asked) == 1


class TestMetrics:
    async def test_a_stranger_finds_nothing_there(self) -> None:
        assert await ask("/metrics") == (404, b"Not found\n")

    async def test_a_neighbour_reads_prometheus_text(self, hub: Hub) -> None:
        status, body = await ask("/metrics", client="127.0.0.1")
        assert status == 200
        assert b"# TYPE backchannel_sockets gauge" in body
        assert b"process_resident_memory_bytes" in body
