"""How every scenario is run: its cases in turn, round by round, so that a busy minute of the machine affects all."""

import contextlib
import statistics
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

import pytest

from bench.build import Build
from bench.npm import Unavailable
from bench.progress import say

# The figures of one round, by key.
Sample = dict[str, float]
Measure = Callable[[], Sample]


class Effort(Enum):
    """How much to measure: for the docs, for a first impression, or to check that it runs."""

    FULL = "full"
    QUICK = "quick"
    SMALLEST = "smallest"


@dataclass(frozen=True)
class Figure:
    """A measured quantity, and its format."""

    key: str
    heading: str
    form: str = ".1f"
    # The first figure of a scenario is compared with the first case: which way is better.
    more_is_better: bool = False


@dataclass(frozen=True)
class Case:
    """One row. `open` starts what is measured and yields the function that measures it once; it is stopped after the
    block."""

    name: str
    title: str
    open: Callable[[], AbstractContextManager[Measure]]
    # A point of a line chart: its line, and its x value.
    series: str = ""
    at: float | None = None
    # The same row of another build; None for other servers.
    beside: "Callable[[Build], Case | None] | None" = None


@dataclass(frozen=True)
class Plan:
    """The cases and rounds of a scenario."""

    cases: Sequence[Case]
    rounds: int
    # The parameters, for the reader of the figures.
    setting: str


@dataclass(frozen=True)
class Scenario:
    """`plan` returns what is run; `fresh`: a server is started for each round, since it keeps state of the last one."""

    name: str
    title: str
    figures: Sequence[Figure]
    plan: Callable[[Effort], Plan]
    fresh: bool = False
    # Whether rows are compared with the first one.
    compared: bool = False


@dataclass
class Row:
    """The rounds of one case."""

    name: str
    title: str
    series: str = ""
    at: float | None = None
    rounds: list[Sample] = field(default_factory=list)

    def values(self, key: str) -> list[float]:
        """The values of one figure."""
        return [sample[key] for sample in self.rounds if key in sample]

    def median(self, key: str) -> float:
        """The median of one figure."""
        return statistics.median(self.values(key))


@dataclass
class Skipped:
    """A case without figures, and the reason."""

    name: str
    title: str
    reason: str
    # The case failed, as opposed to a program missing on this machine.
    failed: bool = False


@dataclass
class Result:
    """The result of one run of a scenario."""

    scenario: str
    setting: str
    effort: str
    measured: str
    seconds: float = 0.0
    rows: list[Row] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def row(self, name: str) -> Row | None:
        """The row of this name, or None."""
        return next((row for row in self.rows if row.name == name), None)


def run(
    scenario: Scenario,
    effort: Effort,
    *,
    only: Collection[str] = (),
    beside: Build | None = None,
    rounds: int | None = None,
) -> Result:
    """Measure the cases of a scenario, or `only` those with these names; each of ours in turn with that of the build
    `beside`. `rounds`: other than those of the plan."""
    plan = scenario.plan(effort)
    began = time.monotonic()
    result = Result(scenario.name, plan.setting, effort.value, datetime.now(UTC).isoformat(timespec="seconds"))
    with contextlib.ExitStack() as stack:
        chosen = [case for case in plan.cases if not only or case.name in only]
        turns = [_Turn(case, scenario, result, stack) for case in _with_build(chosen, beside)]
        for number in range(1, (rounds or plan.rounds) + 1):
            for turn in turns:
                turn.take(f"{scenario.name} {number}/{rounds or plan.rounds}")
    result.rows = [turn.row for turn in turns if turn.row.rounds]
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _with_build(cases: Sequence[Case], build: Build | None) -> Iterator[Case]:
    for case in cases:
        yield case
        if build and case.beside and (other := case.beside(build)):
            yield other


class _Turn:
    """One case during the rounds. When it fails, the others continue."""

    def __init__(self, case: Case, scenario: Scenario, result: Result, stack: contextlib.ExitStack) -> None:
        self.case = case
        self.row = Row(case.name, case.title, case.series, case.at)
        self._scenario = scenario
        self._result = result
        self._stack = stack.enter_context(contextlib.ExitStack())
        self._measure: Measure | None = None
        self._over = False

    def take(self, when: str) -> None:
        if self._over:
            return
        try:
            sample = self._sample()
        except (Unavailable, pytest.skip.Exception) as missing:  # raised by the test kit for a missing program
            self._give_up(str(missing), failed=False)
        except Exception as problem:
            self._give_up(f"{type(problem).__name__}: {problem}", failed=True)
        else:
            self.row.rounds.append(sample)
            first = self._scenario.figures[0]
            say(f"{when}  {sample[first.key]:10{first.form}} {first.heading:20} {self.case.title}")

    def _sample(self) -> Sample:
        if self._scenario.fresh:
            with self.case.open() as measure:
                return measure()
        if self._measure is None:
            self._measure = self._stack.enter_context(self.case.open())
        return self._measure()

    def _give_up(self, reason: str, *, failed: bool) -> None:
        self._over = True
        self._stack.close()
        say(f"{self._scenario.name}: {'FAILED' if failed else 'skipped'}  {self.case.title}: {reason}")
        self._result.skipped.append(Skipped(self.case.name, self.case.title, reason[-300:], failed))
