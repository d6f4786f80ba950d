"""`bin/matrix`: try every row, or some, and print the table."""

import argparse
import asyncio
import signal
import sys
import time
from typing import NoReturn

from support.servers import ROOT
from tools.matrix.catalogue import ROWS
from tools.matrix.row import FAILS, NOT_RUN, Failed, NotRun, Outcome, Row
from tools.matrix.table import table, write

PAGE = ROOT / "docs" / "self-hosting.md"
# A row that takes longer is stuck: go on with the others. Rows that install packages have limits of their own.
ROW_SECONDS = 1800.0


def main() -> int:
    options = _parse()
    if options.list:
        print("\n".join(f"{row.name:20} {row.title}" for row in ROWS))
        return 0
    # A signal that ends this process also stops what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    outcomes: dict[str, Outcome] = {}
    try:
        for row in [row for row in ROWS if not options.only or row.name in options.only]:
            began = time.monotonic()
            sys.stderr.write(f"{time.strftime('%H:%M:%S')} {row.name} …\n")
            outcome = outcomes[row.name] = _try(row)
            sys.stderr.write(f"  {outcome.result} in {time.monotonic() - began:.0f} s: {outcome.note}\n")
            if options.write_docs:
                write(PAGE, outcomes)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped: what was tried until here is kept.\n")
    print(table(outcomes))
    return 1 if any(outcome.result == FAILS for outcome in outcomes.values()) else 0


def _try(row: Row) -> Outcome:
    try:
        return asyncio.run(asyncio.wait_for(row.run(), ROW_SECONDS))
    except NotRun as reason:
        return Outcome("", str(reason), NOT_RUN)
    except Failed as failure:
        return Outcome(failure.version, str(failure), FAILS)
    except Exception as error:
        sys.stderr.write(f"{error}\n")
        first = (str(error).splitlines() or [""])[0]
        return Outcome("", f"{type(error).__name__}: {first[:200]}", FAILS)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message.removeprefix('argument ')} (see {self.prog} --help)\n")


def _parse() -> argparse.Namespace:
    parser = _Parser(
        prog="bin/matrix",
        usage="%(prog)s [--only ROW …] [--list] [--write-docs]",
        description="Runs Backchannel with other servers, proxies, forms of Redis, PostgreSQL locales, Djangos and "
        "Pythons, one row at a time, and prints a table. What is not installed is named and left out. Ends with 1 when "
        "a row fails.",
    )
    parser.add_argument("--only", type=_row, nargs="+", metavar="ROW", help="these rows alone")
    parser.add_argument("--list", action="store_true", help="name the rows, and try none")
    parser.add_argument("--write-docs", action="store_true", help="also write the rows into docs/self-hosting.md")
    return parser.parse_args()


def _row(text: str) -> str:
    if text not in {row.name for row in ROWS}:
        raise argparse.ArgumentTypeError(f"there is no row {text}")
    return text


if __name__ == "__main__":
    sys.exit(main())
