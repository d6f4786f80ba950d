"""Charts of a run as SVG, readable on light and on dark pages."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.catalogue import SCENARIOS
from bench.measuring import Result, Row
from bench.report import ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

COMPARED = ("fanout", "burst", "ingest")
# Line charts: scenario, figure, x axis.
CURVES = (
    ("room-size", "us", "sockets in the room", "CPU µs per delivery"),
    ("rooms", "us", "rooms that speak", "CPU µs per message"),
    ("queries", "server_ms", "messages in the room", "ms at PostgreSQL"),
    ("processes", "us", "processes", "CPU µs per delivery"),
)
OURS, OTHERS = "#2f81f7", "#8b949e"
COLOURS = (OURS, "#db6d28", "#2da44e", "#bf3989", OTHERS)
# Name and colour of each curve.
SERIES = {
    "serve": ("serve", OURS),
    "uvicorn": ("uvicorn", "#db6d28"),
    "websockets": ("websockets", OTHERS),
    "newest": ("newest page", OURS),
    "older": ("older page", "#db6d28"),
    "unread": ("unread counts", "#2da44e"),
    "resume": ("resume", OTHERS),
}
# Placeholder colours of the drawing, replaced by those of the page.
INK, FAINT = "#010203", "#040506"
_THEME = """<style>
svg { --ink: #1f2328; --faint: #d1d9e0 }
@media (prefers-color-scheme: dark) { svg { --ink: #f0f6fc; --faint: #3d444d } }
</style>"""
_LOOK: Any = {
    "svg.fonttype": "none",
    # The same figures produce the same file.
    "svg.hashsalt": "bench",
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """A line chart: points of each curve by its label, names of the axes, `log` for a y axis by powers of ten."""

    over: str
    what: str
    curves: Mapping[str, Points]
    log: bool = False


def draw(results: Mapping[str, Result], folder: Path) -> dict[str, Path]:
    """The charts that these results allow, by their subject."""
    import matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, Path] = {}
    with matplotlib.rc_context(_LOOK):
        for name in COMPARED:
            if name in results and len(results[name].rows) > 1:
                drawn[name] = _save(_bars(results[name]), folder / f"performance-{name}.svg")
        if curves := [curve for curve in CURVES if any(row.at for row in _rows(results, curve[0]))]:
            drawn["growth"] = _save(_growth(results, curves), folder / "performance-growth.svg")
    return drawn


def _drawing(width: float, height: float) -> "Drawing":
    # Imported only to draw: the import takes half a second of a core.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _bars(result: Result) -> "Drawing":
    """How many times better each row is than the first."""
    scenario = SCENARIOS[result.scenario]
    figure = scenario.figures[0]
    rows = result.rows[::-1]
    drawing = _drawing(9, 0.9 + 0.36 * len(rows))
    axes = drawing.subplots()
    values = [ratio(figure, row, result.rows[0]) for row in rows]
    colours = [OURS if "Backchannel" in row.title else OTHERS for row in rows]
    bars = axes.barh([row.title for row in rows], values, color=colours, height=0.68)
    labels = [
        f"{value:.1f}×  ({row.median(figure.key):{figure.form}})" for value, row in zip(values, rows, strict=True)
    ]
    axes.bar_label(bars, labels=labels, padding=4)
    axes.set_xlim(0, max(values) * 1.22)
    axes.set_title(f"{scenario.title}: times the textbook ({figure.heading})", loc="left", fontsize=12)
    axes.tick_params(length=0)
    axes.xaxis.set_visible(False)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    return drawing


def _growth(results: Mapping[str, Result], curves: Sequence[tuple[str, str, str, str]]) -> "Drawing":
    across = min(len(curves), 2)
    down = -(-len(curves) // across)
    drawing = _drawing(4.6 * across, 3.4 * down)
    panels = drawing.subplots(down, across, squeeze=False).flat
    for panel, (name, key, over, what) in zip(panels, curves, strict=False):
        _curve(panel, _rows(results, name), key)
        panel.set_xlabel(over)
        panel.set_ylabel(what)
    for panel in list(panels)[len(curves) :]:
        panel.set_visible(False)
    return drawing


def _curve(axes: "Axes", rows: Sequence[Row], key: str) -> None:
    curves: dict[str, Points] = {}
    colours = []
    for series in dict.fromkeys(row.series for row in rows):
        label, colour = SERIES[series]
        curves[label] = [(row.at or 0.0, row.median(key)) for row in rows if row.series == series]
        colours.append(colour)
    _lines(axes, curves, colours)


def _lines(axes: "Axes", curves: Mapping[str, Points], colours: Sequence[str], *, log: bool = False) -> None:
    for (label, points), colour in zip(curves.items(), cycle(colours), strict=False):
        axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=label)
    axes.set_xscale("log")
    places = sorted({place for points in curves.values() for place, _ in points})
    axes.set_xticks(places, [f"{place:,.0f}" for place in places])
    axes.minorticks_off()
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
    else:
        # From zero: a truncated axis exaggerates differences.
        axes.set_ylim(0, max(value for points in curves.values() for _, value in points) * 1.35)
    axes.grid(axis="y")
    axes.tick_params(length=0)
    axes.legend(frameon=False, fontsize=9, loc="upper left", ncols=2)


def draw_growth(panels: Sequence[Panel], path: Path) -> Path:
    """Draw line charts side by side into one file."""
    import matplotlib

    with matplotlib.rc_context(_LOOK):
        drawing = _drawing(4.6 * len(panels), 3.6)
        for axes, panel in zip(drawing.subplots(1, len(panels), squeeze=False).flat, panels, strict=True):
            _lines(axes, panel.curves, COLOURS, log=panel.log)
            axes.set_xlabel(panel.over)
            axes.set_ylabel(panel.what)
        return _save(drawing, path)


def _rows(results: Mapping[str, Result], name: str) -> list[Row]:
    """The points of its curves, without the rows of another build."""
    return [row for row in results[name].rows if row.series] if name in results else []


def _save(drawing: "Drawing", path: Path) -> Path:
    text = io.StringIO()
    drawing.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    themed = text.getvalue().replace(INK, "var(--ink)").replace(FAINT, "var(--faint)")
    # The style sheet belongs in the first definitions of the drawing.
    path.write_text(
        "\n".join(line.rstrip() for line in themed.replace("<defs>", f"<defs>{_THEME}", 1).splitlines()) + "\n"
    )
    return path
