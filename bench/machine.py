"""The machine under the measurement: cores, the CPU time of a process, versions."""

import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
# The server has a core of its own; the load, the databases and everything else share another one.
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads that the process has had, to the nanosecond."""
    # How Linux numbers the clock of another process (CPUCLOCK_SCHED), see clock_getcpuclockid(3).
    return time.clock_gettime((~pid << 3) | 2)


def description() -> dict[str, object]:
    """What figures have to be read with."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    packages = ("django", "channels", "channels-redis", "daphne", "uvicorn", "redis", "psycopg")
    return {
        "cpu": cpu,
        "cores": len(CORES),
        "kernel": platform.release(),
        "python": sys.version.split()[0],
        **{package: version(package) for package in packages},
    }
