"""Child processes that never outlive the test run."""

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from support import forks

START_SECONDS = 30.0
STOP_SECONDS = 15.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def scratch(name: str) -> Path:
    """A folder of our own, gone when the run ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"backchannel-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def ordinary_user() -> str | None:
    """The user for a program that refuses root; None when this process is not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def answers(port: int, address: str = "127.0.0.1") -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


class Child:
    """A running program: its output goes to a file, and it is killed by its pid, at the latest when Python ends."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | str = "/tmp",
        user: str | None = None,
    ) -> None:
        self.command = list(map(str, command))
        self.log = log
        with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
            self._process = forks.start(
                self.command,
                stdin=nothing.fileno(),
                stdout=output.fileno(),
                stderr=output.fileno(),
                env=env,
                cwd=cwd,
                user=user,
            )
        atexit.register(self.kill)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if self.exit_code is not None or time.monotonic() > deadline:
                state = "does not answer" if self.exit_code is None else f"ended with {self.exit_code}"
                self.kill()
                raise RuntimeError(f"{' '.join(self.command)} {state}:\n{self.output()[-4000:]}")
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        return self._process.wait(seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = STOP_SECONDS) -> int:
        """Ask it to end, and make it end if it does not. Returns its exit code (negative: the signal)."""
        self.send(number)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        atexit.unregister(self.kill)
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Stop it from running without closing anything: what a hung machine looks like from outside."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)
