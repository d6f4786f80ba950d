"""`bin/bench fanout`: measure, and print a table."""

import argparse
import json
import os
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import fanout
from bench.machine import LOAD_CORE, SERVER_CORE, description
from bench.servers import CONTESTANTS

QUICK = fanout.Plan(messages=100, rounds=2)


def main() -> None:
    arguments = _arguments()
    os.sched_setaffinity(0, {LOAD_CORE})
    if SERVER_CORE == LOAD_CORE:
        print("Only one core: server and load disturb each other.", file=sys.stderr)
    plan = QUICK if arguments.quick else fanout.Plan()
    given = {
        name: value for name in ("sockets", "outstanding", "messages", "rounds") if (value := getattr(arguments, name))
    }
    plan = replace(plan, **given)
    contestants = [one for one in CONTESTANTS if not arguments.only or one.name in arguments.only]
    try:
        results = fanout.run(plan, contestants, lambda line: print(line, file=sys.stderr))
    except pytest.skip.Exception as missing:  # what the test kit says when a program is not installed
        sys.exit(f"bin/bench: {missing.msg}")
    print(_table(plan, results))
    if arguments.json:
        arguments.json.write_text(json.dumps(_record(plan, results), indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=fanout.__doc__.partition("\n")[0])
    parser.add_argument("scenario", choices=["fanout"])
    parser.add_argument("--quick", action="store_true", help="a first impression in a minute")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in CONTESTANTS], help="measure these alone")
    parser.add_argument("--sockets", type=_positive, help=f"in the room (default: {fanout.Plan.sockets})")
    parser.add_argument("--outstanding", type=_positive, help=f"messages (default: {fanout.Plan.outstanding})")
    parser.add_argument("--messages", type=_positive, help=f"in a round (default: {fanout.Plan.messages})")
    parser.add_argument("--rounds", type=_positive, help=f"for each server (default: {fanout.Plan.rounds})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure, with the machine")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError("must be a whole number above 0")
    return int(text)


def _table(plan: fanout.Plan, results: list[fanout.Result]) -> str:
    base = results[0].median
    lines = [
        f"{plan.sockets} sockets, {plan.outstanding} messages outstanding, {plan.size} bytes, "
        f"{plan.messages} messages a round, median of {plan.rounds}",
        "",
        "| server | us per delivery | from - to | ratio | messages/s | lost | load core |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        low, high = min(result.microseconds), max(result.microseconds)
        lines.append(
            f"| {result.title} | {result.median:.1f} | {low:.1f} - {high:.1f} | {base / result.median:.1f} | "
            f"{result.messages_per_second:.0f} | {result.lost} | {result.load_share:.0%} |"
        )
    return "\n".join(lines)


def _record(plan: fanout.Plan, results: list[fanout.Result]) -> dict[str, object]:
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": description(),
        "plan": asdict(plan),
        "results": [asdict(result) | {"median": result.median} for result in results],
    }


if __name__ == "__main__":
    main()
