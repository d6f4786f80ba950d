"""The effects of one attack."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.faults.verdict import percentile_99


@dataclass
class Seen:
    """`calm` and `busy`: the p99 of a bystander's pings in seconds, before and during the attack. `turn`: the longest
    time that the event loop was blocked, in CPU seconds. `grown`: MiB. `lines`: system lines written into rooms;
    `count`: what the attacker counted; `log_bytes` and `traceback`: of the server's log."""

    seconds: float
    count: Counter[str] = field(default_factory=Counter)
    calm: float = 0.0
    busy: float = 0.0
    turn: float = 0.0
    grown: float = 0.0
    lines: int = 0
    log_bytes: int = 0
    traceback: bool = False

    @property
    def long(self) -> bool:
        """Whether it ran long enough to reach every limit, on a machine that does little else."""
        return self.seconds >= 3

    def __str__(self) -> str:
        counted = ", ".join(f"{name} {number:,}" for name, number in sorted(self.count.items()))
        return (
            f"ping {1000 * self.calm:.0f} -> {1000 * self.busy:.0f} ms, turn {1000 * self.turn:.0f} ms, "
            f"{self.grown:+.1f} MiB, {self.lines} lines, log {self.log_bytes:,} B ({counted})"
        )


def p99(pings: Sequence[float]) -> float:
    return percentile_99(pings)
