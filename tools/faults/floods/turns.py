"""Measures how long a server's event loop was blocked, in CPU seconds instead of seconds of the clock.

A ping is also late when the machine is busy with something else; CPU time is not. `command` runs a server with a tick
on its loop, and `longest` reads what the tick recorded.
"""

import asyncio
import os
import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.servers import PYTHON

# Shorter blocks are not recorded.
TICK_SECONDS, WORTH_SECONDS = 0.005, 0.01
# The server's environment variable that names the file.
FILE = "TURNS_FILE"


def command(given: Sequence[str]) -> list[str]:
    """The command `given`, which begins with the interpreter, with a tick on its loop."""
    return [PYTHON, "-m", "tools.faults.floods.turns", *given[1:]]


def longest(file: Path, since: float) -> float:
    """The most CPU time that the loop's thread took between two ticks after `since` (`time.monotonic`)."""
    lines = (line.split() for line in file.read_text().splitlines()) if file.exists() else ()
    return max((float(taken) for at, taken in lines if float(at) >= since), default=0.0)


class _Tick:
    def __init__(self, loop: asyncio.AbstractEventLoop, file: str) -> None:
        self._loop = loop
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._before = time.thread_time()
        loop.call_soon(self._tick)

    def _tick(self) -> None:
        now = time.thread_time()
        taken, self._before = now - self._before, now
        if taken >= WORTH_SECONDS:
            os.write(self._file, f"{time.monotonic():.3f} {taken:.4f}\n".encode())
        self._loop.call_later(TICK_SECONDS, self._tick)


def _watch_loops() -> None:
    """Hook into the function by which both asyncio's loop and uvloop's report that they run."""
    really: Any = asyncio._set_running_loop
    ticks: dict[int, _Tick] = {}

    def set_running(loop: asyncio.AbstractEventLoop | None) -> None:
        really(loop)
        if loop is not None and id(loop) not in ticks:
            ticks[id(loop)] = _Tick(loop, os.environ[FILE])

    asyncio._set_running_loop = asyncio.events._set_running_loop = set_running


if __name__ == "__main__":
    _watch_loops()
    sys.argv = sys.argv[1:]
    if sys.argv[0] == "-m":
        sys.argv = sys.argv[1:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")
