"""The report of a run, as a self-contained table."""

import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path

from tools.faults.catalogue import FAULTS
from tools.faults.verdict import Verdict

_HEAD = (
    "| fault | repetitions | messages | deliveries | lost | doubled | misordered | longest delay | |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---|"
)


def table(verdicts: Mapping[str, Verdict]) -> str:
    lines = [_HEAD]
    for fault in FAULTS:
        if verdict := verdicts.get(fault.name):
            figures = "; ".join(f"{name}: {value}" for name, value in verdict.figures.items())
            lines.append(
                f"| `{fault.name}` | {verdict.repetitions} | {verdict.messages:,} | {verdict.deliveries:,} "
                f"| {verdict.lost} | {verdict.doubled} | {verdict.misordered} | {verdict.longest_delay:.1f} s "
                f"| {figures} |"
            )
    return "\n".join(lines)


def report(verdicts: Mapping[str, Verdict], *, seconds: float) -> str:
    """The table, the broken promises, and the machine it was measured on."""
    broken = [
        f"- `{name}`: {sentence}" for name, verdict in verdicts.items() for sentence in [*verdict.broken, *verdict.late]
    ]
    return "\n".join(
        [
            f"Run of {time.strftime('%Y-%m-%d', time.gmtime())}, {max(seconds / 60, 1):.0f} minutes, on {_machine()}.",
            "",
            table(verdicts),
            "",
            *(["Promises that were not kept:", "", *broken] if broken else ["Every promise was kept."]),
            "",
        ]
    )


def _machine() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    model = names[0].split(":", 1)[1].strip() if names else platform.machine()
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}"
