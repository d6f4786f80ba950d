"""The figures of a run as JSON: every round of every case, with the machine and the versions."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.machine import description
from bench.measuring import Result, Row, Skipped


@dataclass
class Record:
    machine: dict[str, Any] = field(default_factory=description)
    results: dict[str, Result] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        rounded = json.loads(json.dumps(asdict(self)), parse_float=lambda text: float(f"{float(text):.6g}"))
        path.write_text(json.dumps(rounded, indent=1) + "\n")


def load(path: Path) -> Record:
    kept = json.loads(path.read_text())
    return Record(kept["machine"], {name: _result(told) for name, told in kept["results"].items()})


def joined(older: Record, newer: Record) -> Record:
    """What both have measured, the newer before the older: some scenarios may be run again."""
    return Record(newer.machine, {**older.results, **newer.results})


def _result(told: Mapping[str, Any]) -> Result:
    rows = [Row(**row) for row in told["rows"]]
    skipped = [Skipped(**one) for one in told["skipped"]]
    return Result(**{**told, "rows": rows, "skipped": skipped})
