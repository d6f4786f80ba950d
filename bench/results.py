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
    """All results of a run."""

    machine: dict[str, Any] = field(default_factory=description)
    results: dict[str, Result] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the record to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rounded = json.loads(json.dumps(asdict(self)), parse_float=lambda text: float(f"{float(text):.6g}"))
        path.write_text(json.dumps(rounded, indent=1) + "\n")


def load(path: Path) -> Record:
    """Read a record from a file."""
    kept = json.loads(path.read_text())
    return Record(kept["machine"], {name: _result(stored) for name, stored in kept["results"].items()})


def joined(older: Record, newer: Record) -> Record:
    """The results of both, the newer ones preferred: some scenarios can be run again."""
    return Record(newer.machine, {**older.results, **newer.results})


def _result(stored: Mapping[str, Any]) -> Result:
    rows = [Row(**row) for row in stored["rows"]]
    skipped = [Skipped(**one) for one in stored["skipped"]]
    return Result(**{**stored, "rows": rows, "skipped": skipped})
