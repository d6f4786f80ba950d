"""Every scenario runs in the same way: in turn, and one that cannot run does not stop the others."""

import contextlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench import measuring
from bench.build import Build
from bench.measuring import Case, Effort, Figure, Measure, Plan, Result, Sample, Scenario
from bench.npm import Unavailable
from support.servers import ROOT


class Kitchen:
    """Cases that record what happens to them."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def case(self, name: str, measure: Callable[[], float] = lambda: 1.0) -> Case:
        @contextlib.contextmanager
        def opened() -> Generator[Measure]:
            self.notes.append(f"{name} starts")
            yield lambda: self._taken(name, measure)
            self.notes.append(f"{name} stops")

        return Case(name, name.title(), opened)

    def _taken(self, name: str, measure: Callable[[], float]) -> Sample:
        self.notes.append(name)
        return {"us": measure()}


def run(
    cases: Sequence[Case],
    *,
    rounds: int = 2,
    fresh: bool = False,
    only: Sequence[str] = (),
    beside: Build | None = None,
) -> Result:
    scenario = Scenario("soup", "Soup", [Figure("us", "us")], lambda _: Plan(cases, rounds, "hot"), fresh=fresh)
    return measuring.run(scenario, Effort.QUICK, only=only, beside=beside)


def broken() -> float:
    raise RuntimeError("The pot is cracked.")


def missing() -> float:
    raise Unavailable("There is no pot.")


def not_installed() -> float:
    pytest.skip("pot is missing: install Debian's package pots")


def test_servers_take_turns_and_stop_at_the_end() -> None:
    kitchen = Kitchen()
    result = run([kitchen.case("a"), kitchen.case("b")])
    assert kitchen.notes == ["a starts", "a", "b starts", "b", "a", "b", "b stops", "a stops"]
    assert [(row.name, row.values("us")) for row in result.rows] == [("a", [1.0, 1.0]), ("b", [1.0, 1.0])]


def test_a_server_that_would_remember_is_started_for_each_round() -> None:
    kitchen = Kitchen()
    run([kitchen.case("a"), kitchen.case("b")], fresh=True)
    assert kitchen.notes == [f"{name}{what}" for name in "abab" for what in (" starts", "", " stops")]


def test_each_row_of_ours_takes_turns_with_that_of_another_build(tmp_path: Path) -> None:
    kitchen = Kitchen()
    ours = replace(kitchen.case("a"), beside=lambda build: kitchen.case(f"a of {build.root.name}"))
    other = Build(tmp_path / "before", "python")
    assert [row.name for row in run([ours, kitchen.case("b")], beside=other).rows] == ["a", "a of before", "b"]
    assert kitchen.notes[1::2][:3] == ["a", "a of before", "b"]
    assert [row.name for row in run([ours]).rows] == ["a"]


def test_a_build_is_a_checkout_that_has_been_set_up(tmp_path: Path) -> None:
    assert Build.at(ROOT).root == ROOT
    with pytest.raises(ValueError, match=r"is no checkout in which bin/setup has been run"):
        Build.at(tmp_path)


def test_some_rows_alone_can_be_asked_for() -> None:
    kitchen = Kitchen()
    assert [row.name for row in run([kitchen.case("a"), kitchen.case("b")], only=["b"]).rows] == ["b"]
    assert "a starts" not in kitchen.notes


@pytest.mark.parametrize(
    ("measure", "reason", "failed"),
    [
        (broken, "RuntimeError: The pot is cracked.", True),
        (missing, "There is no pot.", False),
        (not_installed, "pot is missing: install Debian's package pots", False),
    ],
)
def test_what_cannot_run_is_named_stopped_and_left_out(measure: Callable[[], float], reason: str, failed: bool) -> None:
    kitchen = Kitchen()
    result = run([kitchen.case("a", measure), kitchen.case("b")])
    assert [row.name for row in result.rows] == ["b"]
    assert [(one.title, one.reason, one.failed) for one in result.skipped] == [("A", reason, failed)]
    assert kitchen.notes.count("a") == 1


def test_the_median_is_reported() -> None:
    values = iter([3.0, 9.0, 4.0])
    result = run([Kitchen().case("a", lambda: next(values))], rounds=3)
    assert result.rows[0].median("us") == 4.0
