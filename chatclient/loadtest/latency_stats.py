"""Percentiles of measured times."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in milliseconds. Percentiles are measured times, not interpolated ones (nearest rank)."""

    count: int
    min: float
    mean: float
    median: float
    p95: float
    p99: float
    max: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Figures | None":
        """The figures, or None where nothing was measured."""
        if not seconds:
            return None
        ordered = sorted(value * 1000 for value in seconds)

        def rank(share: float) -> float:
            return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

        return cls(
            count=len(ordered),
            min=ordered[0],
            mean=math.fsum(ordered) / len(ordered),
            median=rank(0.5),
            p95=rank(0.95),
            p99=rank(0.99),
            max=ordered[-1],
        )


def table(rows: Sequence[tuple[str, Figures | None]]) -> str:
    """The figures as a table in milliseconds."""
    columns = ("min", "mean", "median", "p95", "p99", "max")
    width = max(len(name) for name, _ in rows)
    lines = [" " * width + "    count" + "".join(f"{column:>10}" for column in columns) + "   (ms)"]
    for name, figures in rows:
        if figures is None:
            lines.append(f"{name:<{width}}        0" + f"{'–':>10}" * len(columns))
        else:
            cells = "".join(f"{getattr(figures, column):>10.1f}" for column in columns)
            lines.append(f"{name:<{width}}{figures.count:>9}{cells}")
    return "\n".join(lines)
