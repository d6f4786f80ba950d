"""Our own programs, forked from a process that has the libraries in memory: half of what a start costs.

What runs is what an operator runs: `manage.py …` or `-m module …` as `__main__`, with an environment, a folder and
files of its own. Each imports our modules and reads its settings itself. Without `use()`, as in `bin/matrix`, each is
started from nothing.
"""

import atexit
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class _State:
    used = False
    control: socket.socket | None = None
    lock = threading.Lock()


def use() -> None:
    """From now on, fork what can be forked."""
    _State.used = hasattr(os, "pidfd_open")


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None,
    cwd: Path | str = ROOT,
    stdin: int,
    stdout: int,
    stderr: int,
    user: str | None = None,
) -> "subprocess.Popen[bytes] | Forked":
    """Start a program in a session of its own; `stdin`, `stdout` and `stderr` are descriptors, which stay open here."""
    if env is not None and not user and _can_fork(command, env, cwd):
        return Forked(command, env=env, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr)
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=env,
        cwd=cwd,
        # Ctrl-C in the terminal is for pytest, which then stops its children itself.
        start_new_session=True,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
    )


def _can_fork(command: Sequence[str], env: Mapping[str, str], cwd: Path | str) -> bool:
    """Whether it is one of our programs. Options of Python, and its own variables, are read when Python starts."""
    return (
        _State.used
        and Path(cwd) == ROOT
        and command[0] == sys.executable
        and command[1] in ("manage.py", "-m")
        and not [name for name in env if name.startswith("PYTHON") and name != "PYTHONUNBUFFERED"]
    )


class Forked:
    """A program in a session of its own. Of what `subprocess.Popen` can: what is needed here."""

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path | str, stdin: int, stdout: int, stderr: int
    ) -> None:
        """`stdin`, `stdout` and `stderr`: descriptors, which stay open here."""
        self.args = list(command)
        self.returncode: int | None = None
        self._answers, theirs = socket.socketpair()
        self._read = b""
        with theirs:
            order = {"arguments": self.args[1:], "env": dict(env), "cwd": str(cwd)}
            socket.send_fds(_forker(), [json.dumps(order).encode()], [stdin, stdout, stderr, theirs.fileno()])
        self.pid = int(self._answer(None))

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            try:
                self.returncode = int(self._answer(timeout))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._answers.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _answer(self, timeout: float | None) -> bytes:
        self._answers.settimeout(timeout)
        while b"\n" not in self._read:
            more = self._answers.recv(100)
            assert more, "the process that forks has ended"
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str = ROOT,
    stdin: str | None = None,
    timeout: float | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end, like `subprocess.run` with its output captured as text."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        asked.write((stdin or "").encode())
        asked.seek(0)
        process = start(command, env=env, cwd=cwd, stdin=asked.fileno(), stdout=out.fileno(), stderr=err.fileno())
        try:
            code = process.wait(timeout)
        except BaseException:
            process.kill()
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(list(command), code, out.read().decode(), err.read().decode())


def _forker() -> socket.socket:
    """Where orders go; the process behind it is started with the first."""
    with _State.lock:
        if _State.control is None:
            # A datagram is one order, whole.
            _State.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, "-m", "support.forker", str(theirs.fileno())],
                    cwd=ROOT,
                    env=kept | {"PYTHONUNBUFFERED": "1"},
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            atexit.register(_end, _State.control, process)
        return _State.control


def _end(control: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    control.close()
    process.wait()
