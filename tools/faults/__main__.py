"""`bin/faults`: the long form of every fault, with a report."""

import argparse
import asyncio
import logging
import signal
import sys
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, NoReturn

from support.programs import find
from tools.faults.catalogue import FAULTS, Fault
from tools.faults.report import report
from tools.faults.verdict import Verdict

# A fault that takes longer is stuck: go on with the others.
FAULT_SECONDS = 1800.0
# The exit code that a shell reports for a program ended by Ctrl-C.
STOPPED = 130
NEEDED = {"redis-server": "redis-server", "initdb": "postgresql", "nginx": "nginx"}


def main() -> int:
    options = _parse()
    if missing := [package for program, package in NEEDED.items() if not find(program)]:
        sys.exit(f"bin/faults: install {' '.join(missing)} first: every fault is a real one.")
    logging.basicConfig(level=logging.WARNING, format="  %(message)s", stream=sys.stderr)
    logging.getLogger("faults").setLevel(logging.INFO)
    # For a server that is killed 20 times it logs 400 warnings that it tries again.
    logging.getLogger("chatclient").setLevel(logging.ERROR)
    # A signal that ends this process also ends the processes that it started.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    chosen = [fault for fault in FAULTS if options.only in (None, fault.name)]
    verdicts: dict[str, Verdict] = {}
    began, stopped = time.monotonic(), False
    try:
        for fault in _rounds(chosen, until=began + options.minutes * 60):
            verdict = _inject(fault, short=options.short)
            if fault.name in verdicts:
                verdicts[fault.name].add(verdict)
            else:
                verdicts[fault.name] = verdict
            _write(options.report, verdicts, seconds=time.monotonic() - began)
    except KeyboardInterrupt:
        stopped = True
        sys.stderr.write("\nStopped.\n")
    if verdicts:
        print(report(verdicts, seconds=time.monotonic() - began))
    if stopped:
        return STOPPED
    return 0 if verdicts and all(verdict.good for verdict in verdicts.values()) else 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message.removeprefix('argument ')} (see {self.prog} --help)\n")


def _parse() -> argparse.Namespace:
    parser = _Parser(
        prog="bin/faults",
        usage="%(prog)s [--only NAME] [--minutes N] [--short] [--report FILE]",
        description="Breaks what a chat stands on while numbered messages flow, and compares what every client holds "
        "with the database. Ends with 0 when every promise was kept, else with 1.",
        epilog="\n".join(["faults:", *(f"  {fault.name:<20} {fault.about}" for fault in FAULTS)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--minutes", type=_minutes, default=0.0, metavar="N", help="begin again until so much time has gone; 0: once"
    )
    parser.add_argument("--only", type=_fault, metavar="NAME", help="one fault alone")
    parser.add_argument("--short", action="store_true", help="the short forms, as the tests run them")
    parser.add_argument("--report", type=_file, metavar="FILE", help="write the report there, after every fault")
    return parser.parse_args()


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1
    if not 0 <= minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number from 0, not {text}")
    return minutes


def _fault(text: str) -> str:
    if text not in {fault.name for fault in FAULTS}:
        raise argparse.ArgumentTypeError(f"there is no fault {text}")
    return text


def _file(text: str) -> Path:
    path = Path(text)
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path.parent} is no folder")
    return path


def _rounds(faults: list[Fault], *, until: float) -> Iterator[Fault]:
    yield from faults
    while True:
        for fault in faults:
            if time.monotonic() >= until:
                return
            yield fault


def _inject(fault: Fault, *, short: bool) -> Verdict:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {fault.name}: {fault.about}\n")
    began = time.monotonic()
    try:
        verdict = asyncio.run(_in_time(fault.inject(**(fault.short if short else fault.long))))
    except Exception as error:
        logging.getLogger("faults").exception("The fault could not be carried through.")
        verdict = Verdict(broken=[f"it could not be carried through: {type(error).__name__}: {error}"])
    sys.stderr.write(f"  {'ok' if verdict.good else 'FAILED'} in {time.monotonic() - began:.0f} s: {verdict}\n")
    return verdict


async def _in_time(injecting: Coroutine[Any, Any, Verdict]) -> Verdict:
    async with asyncio.timeout(FAULT_SECONDS):
        return await injecting


def _write(path: Path | None, verdicts: dict[str, Verdict], *, seconds: float) -> None:
    if path:
        path.write_text(report(verdicts, seconds=seconds))


if __name__ == "__main__":
    sys.exit(main())
