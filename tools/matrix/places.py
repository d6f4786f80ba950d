"""Virtual environments for the rows, in `var/matrix`, made on first use and again when a lock has changed."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from support.servers import PYTHON, ROOT
from tools.matrix.row import NotRun

FOLDER = ROOT / "var" / "matrix"
LOCKS = ROOT / "requirements"
INSTALL_SECONDS = 1800


def venv(name: str, *locks: str, python: str = PYTHON) -> Path:
    """The Python of a virtual environment that holds the packages of these locks; a later lock wins.

    Raises:
        NotRun: If they cannot be installed.
    """
    digest = hashlib.sha256(python.encode() + b"".join((LOCKS / lock).read_bytes() for lock in locks)).hexdigest()[:12]
    folder = FOLDER / f"{name}-{digest}"
    inside = folder / "bin" / "python"
    if (folder / "installed").exists():
        return inside
    for old in FOLDER.glob(f"{name}-*"):
        shutil.rmtree(old)
    _run(python, "-m", "venv", str(folder))
    for lock in locks:
        _run(str(inside), "-m", "pip", "install", *_OPTIONS, "--no-deps", "-r", str(LOCKS / lock))
    (folder / "installed").touch()
    return inside


_OPTIONS = ("--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes")


def copy(name: str) -> Path:
    """A copy of the files that are or would be committed, for an environment of its own; kept for the next run."""
    folder = FOLDER / name
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for old in [path for path in folder.glob("*") if path.name not in (".venv", "var")]:
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    for path in filter(None, listed.split("\0")):
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    return folder


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise NotRun(f"the packages were not installed within {INSTALL_SECONDS} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotRun(f"the packages cannot be installed: {last[:200]}")
