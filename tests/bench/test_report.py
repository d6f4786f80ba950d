"""The report of a run: tables, charts and aims contain the measurements, and nothing else."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.catalogue import SCENARIOS
from bench.charts import FAINT, INK, draw
from bench.measuring import Effort, Result, Row, Scenario, Skipped
from bench.report import BEGIN, END, report, table, write_into
from bench.results import Record, joined, load
from bench.targets import AIMS, measured
from support import forks
from support.servers import PYTHON, ROOT, clean_environment


def result(scenario: str, rows: dict[str, list[float]]) -> Result:
    """A run in which the figures of a row have these values."""
    keys = [figure.key for figure in SCENARIOS[scenario].figures]
    return Result(
        scenario,
        "as in the test",
        "full",
        "2026-11-21T10:00:00+00:00",
        rows=[
            Row(name, name.title(), "serve", 1.0, [dict.fromkeys(keys, value) for value in values])
            for name, values in rows.items()
        ],
    )


def record() -> Record:
    fanout = result("fanout", {"textbook": [90.0, 110.0, 100.0], "daphne": [8.0, 12.0, 10.0]})
    fanout.skipped.append(Skipped("socketio", "socket.io", "node is missing"))
    made = {"fanout": fanout, "room-size": result("room-size", {"serve-1": [1.0], "serve-2": [2.0]})}
    return Record(machine={"cpu": "an abacus", "cores": 2, "memory_gb": 1, "kernel": "6"}, results=made)


def test_a_row_says_median_spread_and_how_many_times_better_it_is() -> None:
    lines = table(SCENARIOS["fanout"], record().results["fanout"]).splitlines()
    assert lines[3].startswith("| Daphne | 10.0 | 8.0 – 12.0 | 10.0 |")
    assert "Skipped: socket.io (node is missing)" in lines


def test_a_row_says_what_multiple_of_another_build_it_is() -> None:
    rows = {"sqlite": [10.2, 9.9, 10.0], "sqlite-beside": [10.0, 10.0, 10.0], "textbook": [90.0, 90.0, 90.0]}
    lines = [line for line in table(SCENARIOS["fanout"], result("fanout", rows)).splitlines() if "other build" in line]
    assert len(lines) == 1
    assert lines[0].startswith("Sqlite, times the other build (median of the rounds): µs per delivery 1.000, ")


def test_more_is_better_where_messages_are_counted() -> None:
    text = table(SCENARIOS["ingest"], result("ingest", {"textbook": [500.0], "daphne": [4000.0]}))
    assert "| Daphne | 4000 | 4000 – 4000 | 8.0 |" in text


def test_an_aim_is_reached_or_not_or_was_not_measured() -> None:
    text = report(record(), {})
    assert "| fan-out, `manage.py serve` | at most 9 µs per delivery | 10.0 | **not yet** |" in text
    assert "uvicorn, PostgreSQL" not in text
    assert "an abacus" in text


def test_every_aim_reads_rows_and_figures_that_a_full_run_has() -> None:
    def read(scenario: Scenario) -> Callable[[str, str], float]:
        rows = {case.name for case in scenario.plan(Effort.FULL).cases}
        keys = {figure.key for figure in scenario.figures}
        return lambda name, key: 1.0 if name in rows and key in keys else float("nan")

    assert [aim.what for aim in AIMS if aim.read(read(SCENARIOS[aim.scenario])) != 1.0] == []
    assert measured(AIMS[0], {}) is None


def test_figures_survive_being_written_and_newer_ones_replace_older(tmp_path: Path) -> None:
    record().save(tmp_path / "figures.json")
    kept = load(tmp_path / "figures.json")
    assert kept == record()
    newer = Record(machine={"cpu": "a slide rule"}, results={"fanout": result("fanout", {"textbook": [1.0]})})
    both = joined(kept, newer)
    assert both.machine == {"cpu": "a slide rule"}
    assert len(both.results["fanout"].rows) == 1
    assert both.results["room-size"] == kept.results["room-size"]


def test_charts_are_drawn_in_the_colours_of_the_page(tmp_path: Path) -> None:
    charts = draw(record().results, tmp_path)
    assert set(charts) == {"fanout", "growth"}
    for path in charts.values():
        text = path.read_text()
        assert ElementTree.fromstring(text).tag.endswith("svg")
        assert "prefers-color-scheme: dark" in text
        assert "var(--ink)" in text
        assert INK not in text
        assert FAINT not in text
    assert "10.0×" in charts["fanout"].read_text()


def test_the_same_figures_give_the_same_chart(tmp_path: Path) -> None:
    first, second = (draw(record().results, tmp_path / name)["fanout"].read_text() for name in "ab")
    assert first == second


def test_the_report_stands_between_the_marks_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_into(page, "new")
    assert page.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    page.write_text("no marks\n")
    with pytest.raises(ValueError, match="lacks the lines"):
        write_into(page, "new")


def test_figures_are_written_again_without_measuring(tmp_path: Path) -> None:
    record().save(tmp_path / "figures.json")
    command = [PYTHON, "-m", "bench", "--figures", str(tmp_path / "figures.json"), "--out", str(tmp_path / "out")]
    assert forks.run(command, env=clean_environment()).returncode == 0
    assert "| Daphne | 10.0 |" in (tmp_path / "out" / "performance.md").read_text()
    assert (tmp_path / "out" / "performance-fanout.svg").exists()


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--figures", "/nowhere.json"], ["--nonsense"]], ids=lambda arguments: arguments[0]
)
def test_what_it_does_not_know_is_refused(arguments: list[str]) -> None:
    done = forks.run([PYTHON, "-m", "bench", *arguments], env=clean_environment())
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("bin/bench: error: ")


def test_the_page_has_the_marks() -> None:
    text = (ROOT / "docs" / "performance.md").read_text()
    assert text.count(BEGIN) == text.count(END) == 1
