"""Files and folders that are made once in a test run, by the first of its processes that needs them."""

import fcntl
import functools
import os
from collections.abc import Callable
from pathlib import Path

from support.forks import ROOT
from support.processes import scratch

# Where the static files of this version are collected, for this run and later ones.
STATIC_DIR = ROOT / "var" / "static"
# The environment variable with the folder that the processes of a test run share.
SHARED = "BACKCHANNEL_SHARED"


def share() -> None:
    """Share such files with the processes that this one starts."""
    if SHARED not in os.environ:
        os.environ[SHARED] = str(scratch("shared"))


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The file or folder `name` of the run. `make` writes it to the path it is given, while other processes wait for
    it."""
    folder = _folder()
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():
            half = folder / f"{name}.half"
            make(half)
            half.rename(folder / name)
    return folder / name


@functools.cache
def _folder() -> Path:
    return Path(os.environ[SHARED]) if SHARED in os.environ else scratch("shared")
