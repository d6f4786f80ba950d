"""`bin/bench`: measure, and write the results."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import large_workspace, measuring, working_day
from bench.build import Build
from bench.catalogue import SCENARIOS
from bench.charts import draw
from bench.machine import LOAD_CORE, SERVER_CORE, allow_files
from bench.measuring import Effort
from bench.progress import say
from bench.report import report, table, write_into
from bench.results import Record, joined, load
from support.servers import ROOT

FIGURES, PAGE, PICTURES = ROOT / "docs" / "performance.json", ROOT / "docs" / "performance.md", ROOT / "docs" / "images"


def main() -> int:
    """Run the scenarios that the arguments name. Returns the exit code."""
    for option, program in (("--huge", large_workspace.main), ("--day", working_day.main)):
        if option in sys.argv[1:]:
            return program([part for part in sys.argv[1:] if part != option])
    arguments = _arguments()
    record = load(arguments.figures) if arguments.figures else _measure(arguments)
    if not record.results:
        print("bin/bench: nothing was measured.", file=sys.stderr)
        return 1
    _write(record, arguments.out)
    if arguments.write_docs:
        _write_docs(record)
    failed = [one for result in record.results.values() for one in result.skipped if one.failed]
    return 1 if failed else 0


def _measure(arguments: argparse.Namespace) -> Record:
    # SIGTERM also stops the started servers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.sched_setaffinity(0, {LOAD_CORE})
    allow_files()
    if SERVER_CORE == LOAD_CORE:
        say("Only one core: server and load disturb each other.")
    effort = Effort.QUICK if arguments.quick else Effort.FULL
    record = Record()
    for name in arguments.scenarios or SCENARIOS:
        scenario = SCENARIOS[name]
        say(f"{name}: {scenario.title}")
        try:
            result = measuring.run(
                scenario, effort, only=arguments.only, beside=arguments.beside, rounds=arguments.rounds
            )
        except KeyboardInterrupt:
            say("Interrupted: what was measured until here is kept.")
            break
        if not result.rows and not result.skipped:
            continue
        record.results[name] = result
        # Saved after each scenario, so that an interrupted run keeps its results.
        record.save(arguments.out / FIGURES.name)
        print(f"\n## {scenario.title} ({name})\n\n{result.setting}\n\n{table(scenario, result)}\n", flush=True)
    return record


def _write(record: Record, folder: Path) -> None:
    record.save(folder / FIGURES.name)
    pictures = draw(record.results, folder)
    page = folder / PAGE.name
    page.write_text(report(record, {shown: path.name for shown, path in pictures.items()}) + "\n")
    say(f"written: {page}, {FIGURES.name} and {len(pictures)} charts beside it")


def _write_docs(record: Record) -> None:
    if FIGURES.exists():
        record = joined(load(FIGURES), record)
    record.save(FIGURES)
    pictures = draw(record.results, PICTURES)
    write_into(PAGE, report(record, {shown: f"images/{path.name}" for shown, path in pictures.items()}))
    say(f"written: {PAGE}")


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    known = "\n".join(f"  {name:12} {scenario.title}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="Measures the cost of the server next to the alternatives. All scenarios take half an hour, "
        "with --beside an hour.",
        epilog=f"scenarios:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help="these alone (default: all of them)")
    parser.add_argument("--quick", action="store_true", help="a first impression in a few minutes")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="of each scenario these rows alone")
    parser.add_argument(
        "--beside",
        type=_build,
        metavar="CHECKOUT",
        help="measure each of our rows in turn with that of another checkout, in which bin/setup has been run",
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="of each row, where a machine is noisy")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "var" / "bench", metavar="FOLDER", help="where to write (default: var/bench)"
    )
    parser.add_argument(
        "--huge", action="store_true", help="another program: a workspace of 50,000,000 messages (--huge --help)"
    )
    parser.add_argument(
        "--day", action="store_true", help="another program: the working day of 10,000 people (--day --help)"
    )
    parser.add_argument("--write-docs", action="store_true", help="also write table, figures and charts into docs/")
    parser.add_argument("--figures", type=Path, metavar="FILE", help="measure nothing, write what this JSON file holds")
    arguments = parser.parse_args(given)
    if unknown := [name for name in arguments.scenarios if name not in SCENARIOS]:
        parser.error(f"unknown scenario {', '.join(unknown)} (see bin/bench --help)")
    if arguments.figures and not arguments.figures.is_file():
        parser.error(f"there is no file {arguments.figures}")
    return arguments


def _build(folder: str) -> Build:
    try:
        return Build.at(Path(folder))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
