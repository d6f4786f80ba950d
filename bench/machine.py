"""The machine: cores, the CPU time and memory of processes, versions."""

import functools
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from support.chromium import find_chromium
from support.programs import find

CORES = sorted(os.sched_getaffinity(0))
# The server has a core of its own; everything else shares another one.
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
PACKAGES = ("django", "channels", "channels-redis", "daphne", "twisted", "uvicorn", "uvloop", "websockets", "psycopg")
PROGRAMS = {"postgresql": "postgres", "redis-server": "redis-server", "node": "node"}


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of the process, to the nanosecond."""
    # The clock id of another process on Linux (CPUCLOCK_SCHED), see clock_getcpuclockid(3).
    return time.clock_gettime((~pid << 3) | 2)


def cpu_seconds_with_children(pid: int) -> float:
    """CPU seconds of a process and its children, also of those that have ended and were waited for."""
    own, ended = _ticks(pid)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (own + ended + sum(sum(_ticks(int(one))) for one in children)) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> tuple[int, int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, user_ended, system_ended = map(int, fields[11:15])
    return user + system, user_ended + system_ended


def memory_bytes(pid: int) -> int:
    """The memory of a process, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def allow_files() -> int:
    """Raise the limit of open files of this process and its children to the maximum; returns it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


@functools.cache
def pinned() -> list[str]:
    """The prefix of a command that is to run on the server's core."""
    return [shutil.which("taskset") or "taskset", "-c", str(SERVER_CORE)]


def description() -> dict[str, object]:
    """The facts about the machine that belong to the figures."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return {
        "cpu": next(names, platform.machine()),
        "cores": len(CORES),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release(),
        "python": sys.version.split()[0],
        **{package: _version(package) for package in PACKAGES},
        **{name: _program_version(find(program)) for name, program in PROGRAMS.items()},
        "chromium": _program_version(find_chromium()),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _program_version(program: Path | None) -> str | None:
    if program is None:
        return None
    output = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return next((word.lstrip("v=") for word in output if word.lstrip("v=")[:1].isdigit()), None)
