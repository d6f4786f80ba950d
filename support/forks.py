"""Forks our own programs from a process that has the libraries in memory, at half the cost of a start.

They run as an operator runs them: `manage.py …` or `-m module …` as `__main__`, each with its own environment, folder
and files. Each reads its own settings, and imports our modules. If its environment has only settings that our modules
read when they are called (`_READ_LATER`), it is forked from a process that has imported our modules, too.
A program in another folder, with PYTHONPATH, belongs to another project, and has only the libraries.
Without `use()`, as in `bin/matrix`, each program starts from scratch.

The processes of a test run share the processes that they fork from.
"""

import atexit
import fcntl
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


# Settings that no module uses while it is imported, like those that begin with CHAT_: `support.forker` refuses to start
# a program if a setting that was already read has another value. The exception is whether DATABASE_URL names a
# PostgreSQL: there is a process for each case.
_READ_LATER = {
    *("PATH", "HOME", "LANG", "TMPDIR", "PYTHONUNBUFFERED", "STATIC_DIR", "DATA_DIR", "DATABASE_URL", "REDIS_URL"),
    *("HOST", "PORT", "SECRET_KEY", "WEB_PROCESSES", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "PUBLIC_URL"),
    *("TRUST_PROXY", "FILES_URL", "FILES_BY_NGINX", "UPLOADS_DIR", "EMAIL_URL", "EMAIL_FROM", "METRICS_TOKEN"),
    *("LOG_FORMAT", "LOG_LEVEL", "DATABASE_TIMEOUT"),
}
# The product's settings, and those with the changes that a fault needs.
_SETTINGS = {"your_project.settings", "tools.faults.settings"}
# The exceptions among those that begin with CHAT_.
_READ_AT_ONCE = {"CHAT_API_LIMIT", "CHAT_SIGN_IN_LIMIT", "CHAT_SIGN_UP_LIMIT"}


class _State:
    used = False
    # Where the processes of a run find the processes that they fork from.
    folder: Path
    # The sockets for orders, by what the process has imported: "project", "libraries", "sqlite" or "postgres".
    controls: dict[str, socket.socket] = {}
    lock = threading.RLock()


def use(folder: Path) -> None:
    """From now on, fork programs where possible, from processes shared with everything that uses this folder."""
    _State.folder = folder
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
    namespace, program = _entered(command)
    if env is not None and not user and _can_fork(program, env, cwd):
        return Forked(program, env=env, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr, namespace=namespace)
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


def _entered(command: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The network namespace that a program of `support.hosts` enters, or nothing, and the program."""
    if command[0] == "nsenter" and command[2] == "--":
        return command[1].removeprefix("--net="), command[3:]
    return "", command


def _can_fork(command: Sequence[str], env: Mapping[str, str], cwd: Path | str) -> bool:
    """Whether it is one of our programs, or of another project. Python reads its options, and its variables other than
    these two, only when it starts."""
    others = "PYTHONPATH" in env
    return (
        _State.used
        and (Path(cwd) == ROOT) is not others
        and command[0] == sys.executable
        and command[1] in (("-c", "-m") if others else ("manage.py", "-m"))
        and not [name for name in env if name.startswith("PYTHON") and name not in ("PYTHONUNBUFFERED", "PYTHONPATH")]
    )


class Forked:
    """A program in a session of its own, with the parts of `subprocess.Popen` that are needed here."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | str,
        stdin: int,
        stdout: int,
        stderr: int,
        namespace: str = "",
    ) -> None:
        """`stdin`, `stdout` and `stderr`: descriptors, which stay open here."""
        self.args = list(command)
        self.returncode: int | None = None
        self._answers, theirs = socket.socketpair()
        self._read = b""
        with theirs:
            order = {"arguments": self.args[1:], "env": dict(env), "cwd": str(cwd), "namespace": namespace}
            forker = _forker(_imported(command, env))
            socket.send_fds(forker, [json.dumps(order).encode()], [stdin, stdout, stderr, theirs.fileno()])
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

    def leave(self) -> None:
        """Ignore how the program ends."""
        self._answers.close()

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


def _imported(command: Sequence[str], env: Mapping[str, str]) -> str:
    """What the process that this program can be forked from has imported."""
    forks_libraries = command[1:3] == ["-m", "support.forker"] and "--application" not in command
    if "PYTHONPATH" in env or forks_libraries:
        return "project"
    ours = command[1] == "manage.py" or command[2] == "support.seed" or "your_project.asgi:application" in command
    settings = env.get("DJANGO_SETTINGS_MODULE", "your_project.settings")
    others = env.keys() - _READ_LATER - {"DJANGO_SETTINGS_MODULE"}
    early = {name for name in others if not name.startswith("CHAT_")} | (others & _READ_AT_ONCE)
    if not ours or early or settings not in _SETTINGS:
        return "libraries"
    return "postgres" if env.get("DATABASE_URL", "").startswith("postgres") else "sqlite"


def _forker(imported: str) -> socket.socket:
    """The socket for orders."""
    with _State.lock:
        if imported not in _State.controls:
            _State.controls[imported] = control = _connect(imported)
            atexit.register(_end, control)
        return _State.controls[imported]


def _connect(imported: str) -> socket.socket:
    """Connect to the forking process. The first client starts it, and it ends when no client is connected any more."""
    path = _State.folder / f"forker-{imported}"
    # Each datagram is one whole order.
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with path.with_suffix(".lock").open("w") as lock:
        # Under the lock no other client starts one, and none ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            control.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            # The process was killed.
            path.unlink(missing_ok=True)
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(str(path))
                listener.listen(100)
                (_start_forker if imported == "project" else _fork_forker)(listener, path, imported)
            control.connect(str(path))
    return control


def _start_forker(listener: socket.socket, path: Path, _imported: str) -> None:
    # The started process ends at once, and leaves a child without a parent.
    subprocess.run(
        [sys.executable, "-m", "support.forker", path, "--project"],
        cwd=ROOT,
        env=_environment(),
        stdin=listener.fileno(),
        start_new_session=True,
        check=True,
    )


def _fork_forker(listener: socket.socket, path: Path, imported: str) -> None:
    address = "postgres://nobody@127.0.0.1/nothing" if imported == "postgres" else ""
    folder = _State.folder / f"forker-{imported}-data"
    folder.mkdir(exist_ok=True)
    env = {"DJANGO_SETTINGS_MODULE": "your_project.settings", "DATA_DIR": str(folder), "DATABASE_URL": address}
    Forked(
        [sys.executable, "-m", "support.forker", str(path), *(["--application"] if imported != "libraries" else [])],
        env=_environment() | env,
        cwd=ROOT,
        stdin=listener.fileno(),
        stdout=1,
        stderr=2,
    ).leave()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1"}


def _end(control: socket.socket) -> None:
    """Wait until the forking process has ended everything it forked for this process."""
    with control:
        control.shutdown(socket.SHUT_WR)
        control.recv(1)
