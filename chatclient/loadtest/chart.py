"""Measured times as an SVG chart: the cumulative distribution of each kind, in milliseconds."""

import math
from collections.abc import Sequence
from html import escape

from chatclient.loadtest.latency_stats import Figures

_WIDTH, _HEIGHT = 860, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 76, 120
_COLOURS = ("#2563eb", "#d97706", "#059669", "#c026d3")
# Points of a curve; more would not be visible.
_POINTS = 400

_STYLE = """
svg{font:13px system-ui,sans-serif;background:#fff}text{fill:#1f2937}.title{font-size:17px;font-weight:600}
.soft{fill:#6b7280}.grid{stroke:#e5e7eb;stroke-width:1}.curve{fill:none;stroke-width:2.5;stroke-linejoin:round}
@media(prefers-color-scheme:dark){svg{background:#111827}text{fill:#e5e7eb}.soft{fill:#9ca3af}.grid{stroke:#374151}}
"""


def draw(series: Sequence[tuple[str, Sequence[float]]], *, title: str, subtitle: str) -> str:
    """The chart as SVG; times are in seconds. Kinds without times are left out."""
    shown = [(name, sorted(value * 1000 for value in seconds)) for name, seconds in series if seconds]
    low, high = _decades([value for _, values in shown for value in values])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'width="{_WIDTH}" height="{_HEIGHT}" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="30">{escape(title)}</text>',
        f'<text class="soft" x="{_LEFT}" y="52">{escape(subtitle)}</text>',
        *_grid(low, high),
    ]
    for number, (name, values) in enumerate(shown):
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(f'<path class="curve" stroke="{colour}" d="{_curve(values, low, high)}"/>')
        parts += _legend(number, name, values, colour)
    return "\n".join([*parts, "</svg>", ""])


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around all values, so that microseconds and seconds fit one axis."""
    if not values:
        return 0, 1
    low = math.floor(math.log10(max(min(values), 0.01)))
    return low, max(low + 1, math.ceil(math.log10(max(max(values), 0.01))))


def _x(value: float, low: int, high: int) -> float:
    share = (math.log10(max(value, 10.0**low)) - low) / (high - low)
    return _LEFT + min(1.0, share) * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _grid(low: int, high: int) -> list[str]:
    parts = []
    for percent in (0, 25, 50, 75, 95, 100):
        y = _y(percent / 100)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        # 95 and 100 are too close for two labels.
        if percent != 100:
            parts.append(f'<text class="soft" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent} %</text>')
    for power in range(low, high + 1):
        for step in (1, 2, 5):
            value = step * 10.0**power
            if value > 10.0**high:
                break
            x = _x(value, low, high)
            parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(1):.1f}" y2="{_y(0):.1f}"/>')
            parts.append(f'<text class="soft" x="{x:.1f}" y="{_y(0) + 18:.1f}" text-anchor="middle">{value:g}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text class="soft" x="{middle:.0f}" y="{_y(0) + 38:.1f}" text-anchor="middle">'
        "milliseconds; the curve says how many took no longer</text>"
    )
    return parts


def _curve(values: Sequence[float], low: int, high: int) -> str:
    count = len(values)
    picked = sorted({round(number * (count - 1) / (_POINTS - 1)) for number in range(_POINTS)})
    points = [f"{_x(values[0], low, high):.1f},{_y(0):.1f}"]
    points += [f"{_x(values[index], low, high):.1f},{_y((index + 1) / count):.1f}" for index in picked]
    return "M" + " L".join(points)


def _legend(number: int, name: str, values: Sequence[float], colour: str) -> list[str]:
    figures = Figures.of([value / 1000 for value in values])
    assert figures is not None
    y = _y(0) + 62 + number * 20
    label = (
        f"{name}: median {figures.median:.1f}, p95 {figures.p95:.1f}, p99 {figures.p99:.1f}, "
        f"max {figures.max:.1f} ms ({figures.count})"
    )
    return [
        f'<line class="curve" stroke="{colour}" x1="{_LEFT}" x2="{_LEFT + 22}" y1="{y - 4:.0f}" y2="{y - 4:.0f}"/>',
        f'<text x="{_LEFT + 30}" y="{y:.0f}">{escape(label)}</text>',
    ]
