"""The figures of a run as Markdown."""

import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.catalogue import SCENARIOS
from bench.measuring import Effort, Figure, Result, Row, Scenario
from bench.results import Record
from bench.targets import AIMS, measured

BEGIN, END = "<!-- figures: written by bin/bench -->", "<!-- end of figures -->"


def report(record: Record, charts: Mapping[str, str]) -> str:
    """All results; `charts`: the path of a chart, by its subject."""
    results = {name: record.results[name] for name in SCENARIOS if name in record.results}
    parts = [_machine(record), _aims(results)]
    for name, result in results.items():
        parts.append(_section(SCENARIOS[name], result, charts.get(name)))
    if "growth" in charts:
        parts.append(f"### Growth\n\n![Cost over sockets, rooms, history and processes]({charts['growth']})")
    return "\n\n".join(part for part in parts if part)


def write_into(page: Path, text: str) -> None:
    """Replace the report between the markers of a page."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} lacks the lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def table(scenario: Scenario, result: Result) -> str:
    """The rows of a scenario."""
    first = scenario.figures[0]
    headings = ["", first.heading, "from – to", *(["ratio"] if scenario.compared else [])]
    headings += [figure.heading for figure in scenario.figures[1:]]
    lines = [line(headings), line(["---"] + ["---:"] * (len(headings) - 1))]
    for row in result.rows:
        values = row.values(first.key)
        cells = [row.title, _shown(row, first), f"{min(values):{first.form}} – {max(values):{first.form}}"]
        if scenario.compared:
            cells.append(f"{ratio(first, row, result.rows[0]):.1f}")
        lines.append(line([*cells, *(_shown(row, figure) for figure in scenario.figures[1:])]))
    lines += _beside(scenario, result)
    lines += [f"\n{'Failed' if one.failed else 'Skipped'}: {one.title} ({one.reason})" for one in result.skipped]
    return "\n".join(lines)


def ratio(figure: Figure, row: Row, base: Row) -> float:
    """How many times better a row is than another."""
    better = row.median(figure.key) / base.median(figure.key)
    return better if figure.more_is_better else 1 / better


def _beside(scenario: Scenario, result: Result) -> Iterator[str]:
    """A line for each row that was also measured for another build: each figure as a multiple of that build's.
    Other load on the machine only makes rounds worse, so the best rounds are compared as well."""
    for row in result.rows:
        other = result.row(f"{row.name}-beside")
        if other is None:
            continue
        times = [
            f"{figure.heading} {statistics.median(pairs):.3f}"
            for figure in scenario.figures
            if (pairs := [a / b for a, b in zip(row.values(figure.key), other.values(figure.key), strict=False) if b])
        ]
        first = scenario.figures[0]
        best = max if first.more_is_better else min
        quickest = best(row.values(first.key)) / best(other.values(first.key))
        yield (
            f"\n{row.title}, times the other build (median of the rounds): {', '.join(times)}; "
            f"of the best rounds: {first.heading} {quickest:.3f}"
        )


def _machine(record: Record) -> str:
    versions = ", ".join(
        f"{name} {version}"
        for name, version in record.machine.items()
        if version is not None and name not in {"cpu", "cores", "memory_gb", "kernel"}
    )
    days = sorted({result.measured[:10] for result in record.results.values()})
    machine = record.machine
    return (
        f"Measured {' and '.join(days)} on {machine['cores']} cores of {machine['cpu']}, {machine['memory_gb']} GB, "
        f"Linux {machine['kernel']}; {versions}. "
        "Every figure of every round: [performance.json](performance.json)."
    )


def _aims(results: Mapping[str, Result]) -> str:
    found = [(aim, value) for aim in AIMS if (value := measured(aim, results)) is not None]
    if not found:
        return ""
    lines = ["### What we want, and what was measured", "", line(["", "aim", "measured", ""]), "|---|---|---:|---|"]
    for aim, value in found:
        lines.append(
            line([aim.what, aim.limit_text, f"{value:{aim.form}}", "reached" if aim.reached(value) else "**not yet**"])
        )
    return "\n".join(lines)


def _section(scenario: Scenario, result: Result, chart: str | None) -> str:
    def parts() -> Iterator[str]:
        yield f"### {scenario.title}"
        hasty = "" if result.effort == Effort.FULL.value else " **A first impression only.**"
        yield f"`bin/bench {scenario.name}`: {result.setting}.{hasty}"
        if chart:
            yield f"![{scenario.title}: how many times better than the textbook]({chart})"
        yield table(scenario, result)

    return "\n\n".join(parts())


def _shown(row: Row, figure: Figure) -> str:
    return f"{row.median(figure.key):{figure.form}}" if row.values(figure.key) else "–"


def line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
