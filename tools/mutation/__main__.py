"""`python -m tools.mutation`: which faults of the core would the tests not notice?"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.mutation.operators import Mutant, mutants_of
from tools.mutation.results import COLD, LATE, SURVIVED, Results
from tools.mutation.scripts import mutants_of_script, run_scripts
from tools.mutation.targets import ROOT, TARGETS, Target, equivalents

ENOUGH = 0.95


def main() -> int:
    options = _parse()
    folder = Path(options.results)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [target for target in TARGETS if not options.modules or target.name in options.modules]
    shares = []
    for target in chosen:
        path = folder / f"{target.name}.jsonl"
        if options.fresh:
            path.unlink(missing_ok=True)
        shares.append(_examine(target, Results(target, path), options.jobs))
    return 0 if all(share >= ENOUGH for share in shares) else 1


def _examine(target: Target, results: Results, jobs: int) -> float:
    """Run the mutants without a result; print the survivors; returns the share that was killed."""
    mutants = _real_mutants(target)
    waiting = [mutant for mutant in mutants if mutant.key not in results.known]
    print(f"{target.module}: {len(mutants)} mutants, {len(waiting)} to run", flush=True)
    again: list[Mutant] = []
    for mode in ("script",) if target.is_script else ("warm", "cold"):
        running = run_scripts(target, waiting, jobs) if target.is_script else _run(mode, target, waiting, jobs)
        for mutant, result in running if waiting else ():
            if result == COLD:
                again.append(mutant)
            else:
                results.add(mutant, result)
            _progress(target, results, len(mutants))
        waiting, again = again, []
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    return _say(target, mutants, results)


def _real_mutants(target: Target) -> list[Mutant]:
    lines = target.text.splitlines()
    return [
        mutant
        for mutant in (mutants_of_script if target.is_script else mutants_of)(target.text)
        if (target.module, lines[mutant.line - 1].strip(), mutant.change) not in equivalents()
    ]


def _run(mode: str, target: Target, mutants: list[Mutant], jobs: int) -> Iterator[tuple[Mutant, str]]:
    reading, writing = os.pipe()
    arguments = [mode, target.module, str(writing), str(jobs), *target.tests]
    with (
        tempfile.TemporaryDirectory(prefix="backchannel-mutation-", dir=_memory()) as scratch,
        os.fdopen(reading) as lines,
    ):
        worker = subprocess.Popen(
            [sys.executable, "-m", "tools.mutation.worker", *arguments],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": scratch},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[writing],
        )
        os.close(writing)
        assert worker.stdin
        worker.stdin.writelines(json.dumps(mutant.as_json()) + "\n" for mutant in mutants)
        worker.stdin.close()
        seen = 0
        try:
            for line in lines:
                index, result = json.loads(line)
                seen += 1
                yield mutants[index], result
        finally:
            worker.terminate()
            output = worker.stdout.read() if worker.stdout else ""
            worker.wait()
        if seen < len(mutants):
            sys.exit(f"{output[-3000:]}\nThe worker of {target.module} ended after {seen} of {len(mutants)} mutants.")


def _memory() -> str | None:
    """A folder in memory, if there is one: databases that are not needed after a crash are fastest there."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _progress(target: Target, results: Results, number: int) -> None:
    if sys.stderr.isatty():
        survived = sum(result == SURVIVED for result in results.known.values())
        sys.stderr.write(f"\r  {len(results.known)} of {number} run, {survived} survived ")


def _say(target: Target, mutants: list[Mutant], results: Results) -> float:
    lines = target.text.splitlines()
    survived = [mutant for mutant in mutants if results.known[mutant.key] == SURVIVED]
    for mutant in survived:
        print(f"  {target.module}:{mutant.line}: {mutant.change}")
        print(f"      {lines[mutant.line - 1].strip()}")
    share = 1 - len(survived) / len(mutants)
    late = sum(results.known[mutant.key] == LATE for mutant in mutants)
    print(
        f"{target.module}: {len(mutants) - len(survived)} of {len(mutants)} killed ({late} by time), {share:.1%}",
        flush=True,
    )
    return share


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutation",
        description="Changes one place of a module at a time and runs its tests. A change that no test notices is "
        f"printed: it names a missing test. Exits with 1 when fewer than {ENOUGH:.0%} are noticed in a module.",
        epilog="Interrupted, it goes on where it was. Results are kept by the text of module and tests.",
    )
    names = [target.name for target in TARGETS]
    parser.add_argument("modules", metavar="MODULE", nargs="*", help=f"{', '.join(names)}; without, all")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="mutants that run beside each other (%(default)s)"
    )
    parser.add_argument(
        "--results",
        metavar="FOLDER",
        default=str(Path(tempfile.gettempdir()) / "backchannel-mutation-results"),
        help="where results are kept (%(default)s)",
    )
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs found")
    options = parser.parse_args()
    if unknown := set(options.modules) - set(names):
        parser.error(f"unknown module {', '.join(sorted(unknown))}: one of {', '.join(names)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
