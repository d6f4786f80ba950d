"""Commands of `manage.py`, and what they take."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from support.servers import PYTHON, ROOT


@dataclass(frozen=True, slots=True)
class Used:
    """What a command took: seconds, CPU seconds with those of its children, and MB of memory at the most."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Started:
    """A command that runs, and the `perf_counter` at its start."""

    process: "subprocess.Popen[bytes]"
    began: float

    @property
    def ended(self) -> bool:
        """Whether it has ended; it can still be asked what it took."""
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def used(self) -> Used:
        """What it took, once it has ended.

        Raises:
            RuntimeError: it did not end well.
        """
        _, status, usage = os.wait4(self.process.pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError("the command did not end well")
        return Used(time.perf_counter() - self.began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def start(command: list[str], env: Mapping[str, str]) -> Started:
    """Start a command of `manage.py`; what it says goes to standard error."""
    process = subprocess.Popen([PYTHON, "manage.py", *command], cwd=ROOT, env=env, stdout=sys.stderr)
    return Started(process, time.perf_counter())
