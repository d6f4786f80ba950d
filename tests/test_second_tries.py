"""Tests that pass only on a second try are counted and named."""

import json
from pathlib import Path

from support.second_tries import passed_at_second, record, report


def test_a_test_that_failed_at_first_only_has_passed_at_the_second_try(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(json.dumps({"tests/a.py::test_slow": True, "tests/b.py::test_broken": True}))
    second.write_text(json.dumps({"tests/b.py::test_broken": True}))
    assert passed_at_second(first, second) == ["tests/a.py::test_slow"]
    assert passed_at_second(first, tmp_path / "missing") == ["tests/a.py::test_slow", "tests/b.py::test_broken"]


def test_a_run_without_a_second_try_says_so(tmp_path: Path) -> None:
    file = tmp_path / "var" / "tries.jsonl"
    record(["tests/a.py::test_slow"], file)
    record([], file)
    assert report(file) == ["No test needed a second try."]


def test_a_test_that_needed_three_of_the_last_ten_runs_is_to_be_mended(tmp_path: Path) -> None:
    file = tmp_path / "tries.jsonl"
    for run in range(14):
        record(["tests/a.py::test_slow"] if run in (0, 1, 5, 9) else [], file)
    record(["tests/a.py::test_slow", "tests/b.py::test_once"], file)
    assert report(file) == [
        "2 passed at the second try (and in how many of the last 10 runs):",
        "  3  tests/a.py::test_slow  <- mend it",
        "  1  tests/b.py::test_once",
    ]
