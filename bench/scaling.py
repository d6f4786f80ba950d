"""The figures of docs/scaling.md: what `bin/bench --huge` and `--day` measured at each size, as tables and charts."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.charts import Panel, draw_growth
from bench.machine import description
from bench.report import line, write_into
from support.servers import ROOT

DOCS = ROOT / "docs"
# Curves of the charts: acts of `bench.large_workspace` and of `bench.working_day`.
HISTORY = ("newest page", "older page", "resume of 100 changes", "post", "join")
SEARCHES = ("search: one word", "search: a common word", "search: two words", "search: a phrase", "search: filters")
ACTS = ("delivery", "post", "reconnect", "search", "upload")
PARTS = ("serve", "PostgreSQL", "Redis")
# Working days per year, to estimate the disk.
DAYS = 250

Figures = dict[str, Any]
Kept = Mapping[str, Mapping[str, Figures]]


def write_docs(part: str, size: int, figures: Mapping[str, Any], *, docs: Path = DOCS) -> None:
    """Keep the figures of a run in docs/scaling.json, in place of earlier ones of its size, and write tables and
    charts of all that is kept into docs/scaling.md.

    `part`: "history" or "day"; `size`: its messages or its people.
    """
    path = docs / "scaling.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    sizes = kept.setdefault(part, {})
    sizes[str(size)] = {**figures, "machine": description()}
    kept[part] = {name: sizes[name] for name in sorted(sizes, key=int)}
    path.write_text(json.dumps(kept, indent=1) + "\n")
    for name, panels in charts(kept).items():
        draw_growth(panels, docs / "images" / f"scaling-{name}.svg")
    write_into(docs / "scaling.md", report(kept))


def charts(kept: Kept) -> dict[str, list[Panel]]:
    """What grows with what, of each part that was measured at two sizes at least."""
    history, day = (_by_size(kept.get(part, {})) for part in ("history", "day"))
    drawn = {}
    if len(history) > 1:
        drawn["history"] = [
            Panel("messages", "ms, p50", _curves(history, acts, _median_of), log=True) for acts in (HISTORY, SEARCHES)
        ]
    if len(day) > 1:
        drawn["day"] = [
            Panel("people", "CPU seconds of a day", _curves(day, PARTS, lambda one, part: one["CPU seconds"][part])),
            Panel("people", "ms, p99", _curves(day, ACTS, _slow_of), log=True),
        ]
    return drawn


def report(kept: Kept) -> str:
    """The tables, as Markdown."""
    history, day = (_by_size(kept.get(part, {})) for part in ("history", "day"))
    parts = []
    if history:
        parts += ["### A long history", _machine(history), _history(history), _picture("history", history)]
        parts += ["### On the disk", _disk(history)]
    if day:
        parts += ["### A working day", _machine(day), _day(day), _picture("day", day)]
    if history and day:
        parts += ["### What a number of people needs", _needs(day, _bytes_each(history))]
    return "\n\n".join(part for part in parts if part)


def _by_size(sizes: Mapping[str, Figures]) -> dict[int, Figures]:
    return {int(size): sizes[size] for size in sorted(sizes, key=int)}


def _curves(
    sizes: Mapping[int, Figures], names: Sequence[str], value: Callable[[Figures, str], float]
) -> dict[str, list[tuple[float, float]]]:
    return {name: [(float(size), value(one, name)) for size, one in sizes.items()] for name in names}


def _median_of(one: Figures, act: str) -> float:
    return float(one["milliseconds"][act]["p50"])


def _slow_of(one: Figures, act: str) -> float:
    return float(one["milliseconds"][act]["p99"])


def _machine(sizes: Mapping[int, Figures]) -> str:
    machine = list(sizes.values())[-1]["machine"]
    return (
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gb']} GB; Python {machine['python']}, "
        f"PostgreSQL {machine['postgresql']}."
    )


def _picture(name: str, sizes: Mapping[int, Figures]) -> str:
    return f"![What grows with what](images/scaling-{name}.svg)" if len(sizes) > 1 else ""


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(line(list(cells)) for cells in (headings, ["---"] + ["---:"] * (len(headings) - 1), *rows))


def _cuts(figures: Mapping[str, float]) -> str:
    return " · ".join(f"{figures[name]:,.1f}" for name in ("p50", "p95", "p99"))


def _history(sizes: Mapping[int, Figures]) -> str:
    headings = ["milliseconds, p50 · p95 · p99", *(f"{size:,} messages" for size in sizes)]
    rows = [[name, *(f"{one[name]:,}" for one in sizes.values())] for name in ("rooms", "people")]
    for act in list(sizes.values())[-1]["milliseconds"]:
        rows.append([act, *(_cuts(one["milliseconds"][act]) for one in sizes.values())])
    return _table(headings, rows)


def _disk(sizes: Mapping[int, Figures]) -> str:
    titles = {
        "texts": "texts alone",
        "chat_message": "messages with their indexes",
        "chat_searchdocument": "what the search needs",
        "chat_membership": "memberships",
    }
    rows = [[title, *(f"{one['GB'][name]:,.2f}" for one in sizes.values())] for name, title in titles.items()]
    each = ["bytes for each message", *(f"{value:,.0f}" for value in map(_bytes_of, sizes.items()))]
    return _table(["GB", *(f"{size:,} messages" for size in sizes)], [*rows, each])


def _bytes_of(size: tuple[int, Figures]) -> float:
    number, one = size
    return float((one["GB"]["chat_message"] + one["GB"]["chat_searchdocument"]) * 1e9 / number)


def _bytes_each(sizes: Mapping[int, Figures]) -> float:
    return _bytes_of(list(sizes.items())[-1])


def _day(sizes: Mapping[int, Figures]) -> str:
    headings = ["", *(f"{size:,} people" for size in sizes)]
    rows: list[list[str]] = [["a day of eight hours in minutes", *(f"{one['minutes']:g}" for one in sizes.values())]]
    for name in ("messages", "deliveries", "lost", "doubled", "seconds to arrive"):
        rows.append([name, *(f"{one[name]:,}" for one in sizes.values())])
    for act in ACTS:
        rows.append([f"{act}, ms, p50 · p95 · p99", *(_cuts(one["milliseconds"][act]) for one in sizes.values())])
    for part in PARTS:
        rows.append([f"CPU seconds of {part}", *(f"{one['CPU seconds'][part]:,.0f}" for one in sizes.values())])
    memory = ["MB of the processes, together", *(f"{sum(one['MB of each process']):,}" for one in sizes.values())]
    return _table(headings, [*rows, memory])


def _needs(sizes: Mapping[int, Figures], bytes_each: float) -> str:
    headings = ["people", *(f"{part}, share of a core" for part in PARTS), "memory of `serve`", "disk of a year"]
    rows = []
    for people, one in sizes.items():
        shares = [f"{one['share of a core over eight hours'][part]:.1%}" for part in PARTS]
        disk = one["messages"] * DAYS * bytes_each / 1e9
        rows.append([f"{people:,}", *shares, f"{sum(one['MB of each process']):,} MB", f"{disk:,.0f} GB"])
    return _table(headings, rows)
