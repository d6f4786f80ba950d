"""Tests beside each other: `--processes N` forks processes of one that has collected the tests, and gives each a file
after the other. To collect 7,000 tests takes 6 s of a core: here once.

What a test does is what it does by itself: a process has its own folder of data, and keeps what was made for the
session until its last test.
"""

import atexit
import os
import signal
import sys
import threading
import traceback
import warnings
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from _pytest._io import TerminalWriter

# Folders whose files share servers: each goes to one process as a whole.
TOGETHER = ("tests/deployment/", "tests/playground/")
# What a run with `--beside FOLDER` makes there when the tests are collected, and what the other one when it has ended.
COLLECTED, OTHER_ENDED = "collected", "postgres.ended"
# How often to look whether the other one has ended.
_LOOK_SECONDS = 1.0


class Hooks:
    """What plugins may do in each of the processes."""

    def pytest_process_begins(self, last: bool) -> None:
        """Before its first test. `last`: beside another run, it lets all others go first."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--processes", type=int, default=1, metavar="N", help="run this many files beside each other")
    parser.addoption(
        "--beside",
        type=Path,
        metavar="FOLDER",
        help="share the machine with tests on PostgreSQL, which make a file in this folder when they end: until then "
        "the last process but two waits; the last two let all others go first and take the files from the end",
    )


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    processes, beside = session.config.getoption("processes"), session.config.getoption("beside")
    if beside:
        (beside / COLLECTED).touch()
    if processes < 2 or session.testsfailed or session.config.option.collectonly:
        return None
    Run(session, Plan([item.nodeid for item in session.items], processes=processes, beside=beside)).to_the_end()
    return True


class Plan:
    """Which process may begin, and which tests it gets."""

    def __init__(self, tests: Sequence[str], *, processes: int, beside: Path | None = None) -> None:
        files: dict[str, list[int]] = {}
        for place, test in enumerate(tests):
            file = test.partition("::")[0]
            files.setdefault(next((folder for folder in TOGETHER if file.startswith(folder)), file), []).append(place)
        self.files = deque(files.values())
        self._idle = deque(range(processes))
        self._ended = beside and beside / OTHER_ENDED
        # One would leave a core idle wherever all others wait.
        self._last = processes - 2 if beside else processes
        self._waiting = self._last - 1 if beside else None

    def begin(self) -> Iterable[int]:
        """The processes that may begin now: each is named once, and again when it came back."""
        for number in [*self._idle] if self.files else ():
            if number != self._waiting or (self._ended and self._ended.exists()):
                self._idle.remove(number)
                yield number

    def is_last(self, number: int) -> bool:
        return number >= self._last

    def next(self, number: int) -> list[int]:
        """The tests of a file for this process, by their place; none when all are given away."""
        if not self.files:
            return []
        return self.files.pop() if self.is_last(number) else self.files.popleft()

    def came_back(self, number: int, tests: list[int]) -> None:
        """The process has died before these tests."""
        if tests:
            self.files.appendleft(tests)
        self._idle.append(number)


@dataclass
class _Process:
    number: int
    pid: int
    # Of its file, what it has not begun yet; and the test that it began last.
    tests: list[int] = field(default_factory=list)
    test: int | None = None
    ends: bool = False


class Run:
    """The processes, and what they report."""

    def __init__(self, session: pytest.Session, plan: Plan) -> None:
        self.session, self.plan = session, plan
        self.running: dict[Connection, _Process] = {}

    def to_the_end(self) -> None:
        # That each has a folder in it.
        self.session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        try:
            self._begin()
            while self.running:
                for connection in wait([*self.running], _LOOK_SECONDS):
                    assert isinstance(connection, Connection)
                    self._hear(connection)
                    if self.session.shouldfail:
                        raise self.session.Failed(self.session.shouldfail)
                    if self.session.shouldstop:
                        raise self.session.Interrupted(self.session.shouldstop)
                self._begin()
        finally:
            # As Ctrl-C does: their servers end with them.
            for connection, process in self.running.items():
                connection.close()
                os.kill(process.pid, signal.SIGINT)
            for process in self.running.values():
                os.waitpid(process.pid, 0)

    def _begin(self) -> None:
        for number in self.plan.begin():
            assert threading.active_count() == 1, f"they would not be in the process: {threading.enumerate()}"
            ours, theirs = Pipe()
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                for other in (ours, *self.running):
                    other.close()
                _work(self.session, theirs, number, last=self.plan.is_last(number))
            theirs.close()
            self.running[ours] = _Process(number, pid)

    def _hear(self, connection: Connection) -> None:
        process, hook = self.running[connection], self.session.config.hook
        try:
            what, said = connection.recv()
        except (EOFError, ConnectionResetError):
            self._gone(connection)
            return
        match what:
            case "begins":
                process.test = said
                process.tests.remove(said)
            case "report":
                report = hook.pytest_report_from_serializable(config=self.session.config, data=said)
                hook.pytest_runtest_logreport(report=report)
            case "warning":
                hook.pytest_warning_recorded.call_historic(kwargs=said)
            case "asks":
                process.tests = self.plan.next(process.number)
                process.ends = not process.tests
                # One that has died meanwhile is heard next.
                with suppress(OSError):
                    connection.send(process.tests)

    def _gone(self, connection: Connection) -> None:
        process = self.running.pop(connection)
        connection.close()
        code = os.waitstatus_to_exitcode(os.waitpid(process.pid, 0)[1])
        if process.ends and code == 0:
            return
        if process.test is None:
            raise RuntimeError(f"a process ended with {code} before its first test")
        item, why = self.session.items[process.test], f"the process of this test ended with {code}"
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", why, "call")
        self.session.config.hook.pytest_runtest_logreport(report=report)
        self.plan.came_back(process.number, process.tests)


class _Reporter:
    """Reports to the process that has forked this one what plugins of pytest would show here."""

    def __init__(self, config: pytest.Config, connection: Connection) -> None:
        self.config, self.connection = config, connection

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        self.connection.send(("report", data))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        one = warning_message
        plain = warnings.WarningMessage(str(one.message), one.category, one.filename, one.lineno)
        self.connection.send(
            ("warning", {"warning_message": plain, "when": when, "nodeid": nodeid, "location": location})
        )


def _work(session: pytest.Session, connection: Connection, number: int, *, last: bool) -> NoReturn:
    """Run what is given, and end this process."""
    code = 1
    try:
        # What the other process does at its end is its own matter, and so is Ctrl-C.
        atexit._clear()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        session.config.hook.pytest_process_begins(last=last)
        if os.getpgrp() != os.getpid():
            os.setpgid(0, 0)
        _be_a_process_of_its_own(session.config, connection, number)
        _run(session, connection)
        code = 0
    except BaseException as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        session.config.pluginmanager.getplugin("capturemanager").suspend_global_capture(in_=True)
        if not isinstance(error, KeyboardInterrupt | OSError):
            traceback.print_exc()
        with suppress(BaseException):
            session._setupstate.teardown_exact(None)
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _be_a_process_of_its_own(config: pytest.Config, connection: Connection, number: int) -> None:
    # By this name pytest and pytest-django ask whether others run beside this process, and which one it is.
    config.workerinput = {"workerid": f"gw{number}"}  # type: ignore[attr-defined]
    plugins = config.pluginmanager
    plugins.unregister(plugins.getplugin("terminalreporter"))
    plugins.register(SimpleNamespace(_tw=TerminalWriter(StringIO())), "terminalreporter")
    plugins.register(_Reporter(config, connection))
    # It writes into files, at places that both would move.
    capture = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    capture.suspend_global_capture(in_=True)
    folders = config._tmp_path_factory  # type: ignore[attr-defined]
    folders._basetemp = folders.getbasetemp() / f"gw{number}"
    folders._basetemp.mkdir(mode=0o700, exist_ok=True)


def _run(session: pytest.Session, connection: Connection) -> None:
    hook, item = session.config.hook, None
    while True:
        connection.send(("asks", None))
        if not (tests := connection.recv()):
            break
        for place, following in zip(tests, [*tests[1:], None], strict=True):
            connection.send(("begins", place))
            item = session.items[place]
            # What is of the session stays for the next file.
            after = session if following is None else session.items[following]
            hook.pytest_runtest_protocol(item=item, nextitem=after)
    if item is None:
        return
    call = pytest.CallInfo.from_call(
        lambda: session._setupstate.teardown_exact(None), when="teardown", reraise=(KeyboardInterrupt,)
    )
    if call.excinfo:
        hook.pytest_runtest_logreport(report=pytest.TestReport.from_item_and_call(item, call))
