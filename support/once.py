"""Files and folders that are made once in a test run, by the first of its processes that needs them."""

import fcntl
import functools
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from support.forks import ROOT
from support.processes import scratch

# Where the static files of this version are collected, for this run and later ones.
STATIC_DIR = ROOT / "var" / "static"
_KEPT = ROOT / "var" / "made"
# The environment variable with the folder that the processes of a test run share.
SHARED = "BACKCHANNEL_SHARED"


def share() -> Path:
    """Share files of `once` with the processes that this one starts. Returns their folder."""
    if SHARED not in os.environ:
        os.environ[SHARED] = str(scratch("shared"))
    return _folder()


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The file or folder `name` of the run. `make` writes it to the path it is given, while other processes wait for
    it."""
    return _made(_folder() / name, make)


def kept(name: str, make: Callable[[Path], None], *, of: Sequence[str]) -> Path:
    """As `once`, and kept for later runs as long as its source files, those that match the patterns `of`, are
    unchanged."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(path for pattern in of for path in ROOT.glob(pattern)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    _KEPT.mkdir(parents=True, exist_ok=True)

    def anew(path: Path) -> None:
        # A run that was killed may have left half of it.
        path.unlink(missing_ok=True)
        make(path)

    return _made(_KEPT / f"{digest.hexdigest()}-{name}", anew)


def _made(path: Path, make: Callable[[Path], None]) -> Path:
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            half = path.with_name(f"{path.name}.half")
            make(half)
            half.rename(path)
    return path


@functools.cache
def _folder() -> Path:
    return Path(os.environ[SHARED]) if SHARED in os.environ else scratch("shared")
