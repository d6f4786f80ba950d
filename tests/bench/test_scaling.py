"""docs/scaling.md, from the figures of several sizes."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import scaling
from bench.report import BEGIN, END

CUTS = {"n": 9, "p50": 1.0, "p95": 2.0, "p99": 3.0}


def history(size: int) -> dict[str, Any]:
    return {
        "messages": size,
        "rooms": 40,
        "people": 30,
        "GB": {"texts": 1.0, "chat_message": 3.0, "chat_searchdocument": 2.0, "chat_membership": 0.5},
        "milliseconds": dict.fromkeys((*scaling.HISTORY, *scaling.SEARCHES), CUTS),
    }


def day(people: int, serve: float) -> dict[str, Any]:
    return {
        "people": people,
        "minutes": 15.0,
        "messages": 23 * people,
        "deliveries": 230 * people,
        "lost": 0,
        "doubled": 0,
        "seconds to arrive": 2,
        "milliseconds": dict.fromkeys(scaling.ACTS, CUTS),
        "CPU seconds": dict.fromkeys(scaling.PARTS, serve),
        "share of a core over eight hours": dict.fromkeys(scaling.PARTS, serve / 28_800),
        "MB of each process": [100, 120],
    }


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "scaling.md").write_text(f"# Scaling\n\n{BEGIN}\n{END}\n\nwhat follows\n")
    return tmp_path


def test_sizes_are_kept_beside_each_other_in_their_order(docs: Path) -> None:
    scaling.write_docs("history", 50_000_000, history(50_000_000), docs=docs)
    scaling.write_docs("history", 5_000_000, history(5_000_000), docs=docs)
    assert list(json.loads((docs / "scaling.json").read_text())["history"]) == ["5000000", "50000000"]
    page = (docs / "scaling.md").read_text()
    assert "| milliseconds, p50 · p95 · p99 | 5,000,000 messages | 50,000,000 messages |" in page
    assert "| newest page | 1.0 · 2.0 · 3.0 | 1.0 · 2.0 · 3.0 |" in page
    # 5 GB of messages and search index, without the memberships.
    assert "| bytes for each message | 1,000 | 100 |" in page
    assert "](images/scaling-history.svg)" in page
    assert "newest page" in (docs / "images" / "scaling-history.svg").read_text()
    assert page.endswith("what follows\n")


def test_a_run_replaces_the_one_of_its_size(docs: Path) -> None:
    for serve in (1_000.0, 2_880.0):
        scaling.write_docs("day", 10_000, day(10_000, serve), docs=docs)
    page = (docs / "scaling.md").read_text()
    assert "| CPU seconds of serve | 2,880 |" in page
    # A single size has no growth to draw.
    assert "scaling-day.svg" not in page
    assert not list((docs / "images").iterdir())


def test_what_a_number_of_people_needs_is_computed_from_both(docs: Path) -> None:
    scaling.write_docs("day", 1_000, day(1_000, 288.0), docs=docs)
    scaling.write_docs("day", 10_000, day(10_000, 2_880.0), docs=docs)
    assert "What a number of people needs" not in (docs / "scaling.md").read_text()
    scaling.write_docs("history", 5_000_000, history(5_000_000), docs=docs)
    # 23,000 messages a day, 250 days, 1,000 bytes each.
    assert "| 1,000 | 1.0% | 1.0% | 1.0% | 220 MB | 6 GB |" in (docs / "scaling.md").read_text()
