"""Tests that failed beside others and passed by themselves: `bin/test` counts them, so that they are mended.

`var/second-tries.jsonl` has a line for each whole run of `bin/test`: when it began, and the ids of such tests.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "var" / "second-tries.jsonl"
# A test that needed a second try in this many of the last runs must be fixed before anything else is added to it.
RUNS, TOO_OFTEN = 10, 3


def passed_at_second(first: Path, second: Path) -> list[str]:
    """The ids of tests that failed in pytest's record of the first run, and not in that of the second."""
    return sorted(_failed(first) - _failed(second))


def record(tests: Iterable[str], file: Path = FILE) -> None:
    """Add a run to the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with file.open("a") as lines:
        lines.write(json.dumps({"at": began, "tests": sorted(set(tests))}) + "\n")


def report(file: Path = FILE) -> list[str]:
    """What to print after a run: its own tests, and how often each needed a second try in the last runs."""
    runs = [json.loads(line)["tests"] for line in file.read_text().splitlines()][-RUNS:]
    if not runs or not runs[-1]:
        return ["No test needed a second try."]
    times = Counter(test for tests in runs for test in tests)
    said = [f"{len(runs[-1])} passed at the second try (and in how many of the last {len(runs)} runs):"]
    for test in runs[-1]:
        said.append(f"  {times[test]}  {test}" + ("  <- mend it" if times[test] >= TOO_OFTEN else ""))
    return said


def _failed(file: Path) -> set[str]:
    return set(json.loads(file.read_text())) if file.exists() else set()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m support.second_tries", description=__doc__)
    parser.add_argument(
        "--passed", nargs=2, type=Path, metavar="FILE", help="print what is in the first and not in the second"
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="record a run with the ids of this file, a line each"
    )
    options = parser.parse_args(arguments)
    if options.passed:
        print("\n".join(passed_at_second(*options.passed)))
        return 0
    if options.record:
        record(line for line in options.record.read_text().splitlines() if line)
    print("\n".join(report()) if FILE.exists() else "No run of bin/test is recorded.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
