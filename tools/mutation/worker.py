"""Runs the tests of one module against its mutants: a process of its own, started by `tools.mutation`.

pytest collects the tests once and sets up the database. Then each mutant gets a forked child. For a mutant inside a
function, the child replaces the code of that function and runs the tests that reach the mutated line, first those that
are short and have killed many. A mutant in code that runs on import gets a child that was forked before the import.

Input and output are JSON, a line each: the mutants on standard input, `[index, "killed" | "survived" | "late" | …]` on
the descriptor that is named in the arguments. "cold": only a child that imports the module again can tell.
"""

import gc
import importlib
import importlib.machinery
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tools.mutation.operators import Mutant
from tools.mutation.results import COLD, KILLED, LATE, SURVIVED
from tools.mutation.targets import ROOT

# A mutant may take this many times as long as the module does, and these seconds more, before it counts as stuck.
PATIENCE, GRACE_SECONDS = 5.0, 20.0
_EXITS = {0: SURVIVED, 1: KILLED, 3: COLD}
ARGUMENTS = (
    *("-q", "-x", "--no-header", "--tb=no", "--assert=plain", "-p", "no:cacheprovider"),
    # Hypothesis is imported before pytest, to set its profile.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


class Warm:
    """A pytest plugin that replaces the run: measures the tests, then runs them against each mutant."""

    def __init__(self, module: str, mutants: list[Mutant], report: Callable[[int, str], None], jobs: int) -> None:
        self.path = ROOT / module
        self.text = self.path.read_text("utf-8")
        self.mutants = mutants
        self.report = report
        self.jobs = jobs

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed or not session.items:
            raise session.Failed(f"{session.testsfailed} errors while the tests were collected.")
        _set_up_database(session)
        self.items = session.items
        self.session = session
        measured = Path(os.environ["DATA_DIR"]) / "measured.json"
        _wait(_fork(lambda: self._measure(measured)), 600.0)
        if not measured.exists():
            raise session.Failed("The tests fail without a mutant.")
        self.lines, self.seconds = json.loads(measured.read_text())
        self.kills = [0] * len(self.items)
        self.living = Living.of(self.path)
        # Garbage collection in the children then skips everything that they share.
        gc.freeze()
        self._all()
        return True

    def _measure(self, into: Path) -> int:
        """Run every test; write the lines of the module that each runs, and its seconds."""
        lines: list[list[int]] = []
        seconds: list[float] = []
        caches = Living.of(self.path).caches
        for item in self.items:
            # Otherwise a result cached by an earlier test would hide lines that this one runs.
            for cache in caches:
                cache.cache_clear()
            tracer = _Tracer(str(self.path))
            began = time.monotonic()
            with tracer:
                failed = self._run([item])
            if failed:
                print(f"{item.nodeid} fails without a mutant.", file=sys.__stderr__)
                return 1
            lines.append(sorted(tracer.lines))
            seconds.append(time.monotonic() - began)
        into.write_text(json.dumps([lines, seconds]))
        return 0

    def _run(self, items: list[pytest.Item]) -> bool:
        """Run these tests until one fails; returns whether one did. Fixtures of the session stay."""
        for item in items:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=self.session)
            if self.session.testsfailed:
                return True
        return False

    def _all(self) -> None:
        running: dict[int, tuple[int, float]] = {}
        waiting = deque(enumerate(self.mutants))
        while waiting or running:
            while waiting and len(running) < self.jobs:
                index, mutant = waiting.popleft()
                chosen = self._tests_of(mutant)
                # `__init_subclass__` and the like run while classes are created.
                if not chosen or not mutant.function or "init_subclass" in mutant.function:
                    self.report(index, COLD)
                    continue
                limit = PATIENCE * sum(self.seconds[at] for at in chosen) + GRACE_SECONDS
                running[_fork(partial(self._try, mutant, chosen))] = index, time.monotonic() + limit
            for pid in list(running):
                if (result := _ended(pid, running[pid][1])) is not None:
                    self.report(running.pop(pid)[0], result)
                    if (killer := _killer_of(pid)).exists():
                        self.kills[int(killer.read_text())] += 1
                        killer.unlink()
            time.sleep(0.005)

    def _tests_of(self, mutant: Mutant) -> list[int]:
        lines = range(mutant.line, mutant.line + self.text[mutant.start : mutant.end].count("\n") + 1)
        chosen = [at for at, found in enumerate(self.lines) if not set(lines).isdisjoint(found)]
        return sorted(chosen, key=lambda at: self.seconds[at] / (1 + self.kills[at]))

    def _try(self, mutant: Mutant, chosen: list[int]) -> int:
        if not self.living.exchange(mutant.function, mutant.apply(self.text)):
            return 3
        _own_database()
        for at in chosen:
            if self._run([self.items[at]]):
                _killer_of(os.getpid()).write_text(str(at))
                return 1
        return 0


def _killer_of(pid: int) -> Path:
    """Where a child writes the index of the test that killed its mutant."""
    return Path(os.environ["DATA_DIR"]) / f"{pid}.killer"


def _set_up_database(session: pytest.Session) -> None:
    """Run one test, so that everything shared by the whole run is there before the first fork."""
    item = next((one for one in session.items if one.get_closest_marker("database")), session.items[0])
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=session)
    if session.testsfailed:
        raise session.Failed(f"{item.nodeid} fails without a mutant.")
    from django.db import connections

    connections.close_all()


def _own_database() -> None:
    """A copy of the database for this process: several run in parallel."""
    from django.db import connections

    facts = connections.settings["default"]
    name = Path(str(facts["NAME"]))
    if name.exists():
        copy = name.with_name(f"{os.getpid()}.sqlite3")
        shutil.copyfile(name, copy)
        facts["NAME"] = str(copy)


@dataclass
class Living:
    """The functions and caches of a module, wherever they are held."""

    functions: list[FunctionType]
    caches: list[Any]

    @classmethod
    def of(cls, path: Path) -> "Living":
        # Objects that `support.plugin` froze would not be found.
        gc.unfreeze()
        everything = gc.get_objects()
        functions = [one for one in everything if type(one) is FunctionType and one.__code__.co_filename == str(path)]
        modules = {one.__module__ for one in functions}
        caches = [
            one
            for one in everything
            if type(one).__name__ == "_lru_cache_wrapper" and getattr(one, "__module__", "") in modules
        ]
        return cls(functions, caches)

    def exchange(self, name: str, text: str) -> bool:
        """Give the function of this name its code from the mutated text. Returns whether that is enough."""
        module = compile(text, "mutant", "exec", dont_inherit=True)
        codes = [code for code in _codes(module) if code.co_qualname == name]
        inside = f"{name}.<locals>"
        # A closure that was made while the module was imported keeps the old code.
        if len(codes) != 1 or any(one.__qualname__.startswith(inside) for one in self.functions):
            return False
        found = [one for one in self.functions if one.__code__.co_qualname == name]
        for function in found:
            if function.__code__.co_freevars != codes[0].co_freevars:
                return False
            function.__code__ = codes[0]
        for cache in self.caches:
            cache.cache_clear()
        return bool(found)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


class _Tracer:
    """The lines of one file that run while it is entered, in all threads."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: set[int] = set()

    def __enter__(self) -> None:
        threading.settrace(self._call)
        sys.settrace(self._call)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def _call(self, frame: Any, event: str, argument: Any) -> Any:
        return self._line if frame.f_code.co_filename == self.path else None

    def _line(self, frame: Any, event: str, argument: Any) -> Any:
        self.lines.add(frame.f_lineno)
        return self._line


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads the mutated text of a module; no compiled file is read or written."""

    text = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.text, self.path, "exec", dont_inherit=True)


class _Importer:
    """Finds the mutated module before the path is searched."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.module = ".".join(path.relative_to(ROOT).with_suffix("").parts)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.module:
            return None
        loader = _Loader(name, str(self.path))
        loader.text = self.text
        return importlib.machinery.ModuleSpec(name, loader, origin=str(self.path))


def run_cold(
    module: str, tests: list[str], mutants: list[Mutant], report: Callable[[int, str], None], jobs: int
) -> None:
    """Run each mutant in a child that imports the module again; everything else it needs is imported before."""
    path = ROOT / module
    text = path.read_text("utf-8")
    began = time.monotonic()
    if _wait(_fork(lambda: int(pytest.main([*tests, *ARGUMENTS]))), 600.0) != SURVIVED:
        raise SystemExit(f"The tests of {module} fail without a mutant.")
    limit = PATIENCE * (time.monotonic() - began) + GRACE_SECONDS

    def run(mutant: Mutant) -> int:
        sys.meta_path.insert(0, _Importer(path, mutant.apply(text)))
        return int(pytest.main([*tests, *ARGUMENTS]) != 0)

    running: dict[int, tuple[int, float]] = {}
    waiting = deque(enumerate(mutants))
    while waiting or running:
        while waiting and len(running) < jobs:
            index, mutant = waiting.popleft()
            running[_fork(partial(run, mutant))] = index, time.monotonic() + limit
        for pid in list(running):
            if (result := _ended(pid, running[pid][1])) is not None:
                report(running.pop(pid)[0], result)
        time.sleep(0.005)


def _import_libraries() -> None:
    """Import slow libraries that each child would import otherwise; none of our own modules."""
    libraries = ("django.test", "django.contrib.admin", "pydantic", "channels", "websockets.asyncio.client")
    # pytest.approx looks for it.
    for name in (*libraries, "numpy"):
        with suppress(ImportError):
            importlib.import_module(name)


def _fork(run: Callable[[], int]) -> int:
    """Run a function in a child process, which is silent; returns its pid."""
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    status = 1
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        if "MUTATION_SHOW" not in os.environ:
            os.dup2(nowhere, 2)
        status = run()
    finally:
        os._exit(status)


def _ended(pid: int, until: float) -> str | None:
    """The outcome of a child; None while it runs and has time left."""
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        _sweep(pid)
        return _EXITS.get(os.waitstatus_to_exitcode(status), KILLED)
    if time.monotonic() < until:
        return None
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return LATE


def _sweep(pid: int) -> None:
    copy = Path(os.environ.get("DATA_DIR", "/nowhere")) / f"{pid}.sqlite3"
    for left in copy.parent.glob(f"{copy.name}*"):
        left.unlink()


def _wait(pid: int, seconds: float) -> str:
    until = time.monotonic() + seconds
    while (result := _ended(pid, until)) is None:
        time.sleep(0.01)
    return result


def main() -> int:
    mode, module, descriptor, jobs, *tests = sys.argv[1:]
    out = os.fdopen(int(descriptor), "w", buffering=1)

    def report(index: int, result: str) -> None:
        out.write(json.dumps([index, result]) + "\n")

    mutants = [Mutant(**json.loads(line)) for line in sys.stdin]
    from hypothesis import Phase, settings

    # The same examples for each mutant. Only whether one fails matters: finding the smallest takes minutes.
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", derandomize=True, database=None, phases=phases, report_multiple_bugs=False)
    settings.load_profile("mutation")
    _import_libraries()
    if mode == "cold":
        run_cold(module, tests, mutants, report, int(jobs))
        return 0
    arguments = [*tests, *(one for one in ARGUMENTS if one != "-x")]
    return int(pytest.main(arguments, plugins=[Warm(module, mutants, report, int(jobs))]))


if __name__ == "__main__":
    sys.exit(main())
