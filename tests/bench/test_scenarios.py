"""Every scenario runs in its smallest form: nothing is timed, but all figures exist and nothing is lost."""

import math
import os
from pathlib import Path

import pytest

from bench import measuring, servers
from bench.build import HERE
from bench.catalogue import SCENARIOS
from bench.machine import cpu_seconds, memory_bytes
from bench.measuring import Effort
from bench.scenarios import queries

# One row per scenario: the measuring code is the same for all.
ROWS = {
    "fanout": ["textbook-pubsub", "daphne"],
    "burst": ["daphne-batch"],
    "ingest": ["sqlite"],
    "latency": ["daphne"],
    "lighthouse": ["phone"],
    "notifications": ["sqlite"],
    "away": ["sqlite"],
    "sockets": ["sqlite"],
    "crowd": ["daphne"],
    "queries": ["newest-1000", "older-1000", "unread-1000", "resume-1000"],
    "processes": ["serve-2"],
    "room-size": ["serve-4"],
    "rooms": ["serve-4"],
    "browser": ["sqlite"],
    "page": ["usual"],
    "requests": ["me", "post", "login", "room"],
    "uploads": ["parts", "form", "django"],
    "thumbnails": ["jpeg"],
}


@pytest.fixture(autouse=True)
def _on_any_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is timed here, and only processes that `taskset` does not start can be forked."""
    for module in (servers, queries):
        monkeypatch.setattr(module, "pinned", list)


def test_every_scenario_is_tried() -> None:
    assert set(ROWS) == set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_gives_its_figures_and_loses_nothing(name: str) -> None:
    scenario = SCENARIOS[name]
    result = measuring.run(scenario, Effort.SMALLEST, only=ROWS[name])
    if missing := [one.reason for one in result.skipped if not one.failed]:
        pytest.skip(missing[0])
    assert result.skipped == []
    assert [row.name for row in result.rows] == ROWS[name]
    for row in result.rows:
        assert row.median(scenario.figures[0].key) > 0
        for figure in scenario.figures:
            assert all(math.isfinite(value) for value in row.values(figure.key))
        for key in ("lost", "unacknowledged"):
            assert not any(row.values(key))


@pytest.mark.parametrize(("name", "rows"), [("crowd", ["daphne"]), ("room-size", ["serve-2", "serve-4"])])
def test_each_row_of_ours_can_be_measured_beside_another_build(name: str, rows: list[str]) -> None:
    result = measuring.run(SCENARIOS[name], Effort.SMALLEST, only=rows, beside=HERE)
    assert result.skipped == []
    assert [row.name for row in result.rows] == [f"{row}{what}" for row in rows for what in ("", "-beside")]
    for row in result.rows:
        assert row.median(SCENARIOS[name].figures[0].key) > 0
        assert ("other build" in row.title) == row.name.endswith("-beside")
        # Charts have no curve of another build.
        assert not (row.series and row.name.endswith("-beside"))


def test_what_a_process_uses_is_read() -> None:
    before = cpu_seconds(os.getpid())
    sum(range(300_000))
    assert cpu_seconds(os.getpid()) > before
    assert memory_bytes(os.getpid()) > 1_000_000


@pytest.mark.parametrize("peer", ["lighthouse", "socketio", "tus"])
def test_the_lock_of_a_peer_names_no_place_to_fetch_from(peer: str) -> None:
    lock = (Path(measuring.__file__).parent / "peers" / peer / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in lock
    assert "resolved" not in lock
    assert "://" not in lock.replace('"url": "https://', "")
