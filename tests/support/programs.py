"""The programs a test needs, or a clear reason why it cannot run."""

import os
import shutil
from pathlib import Path

import pytest

_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# Debian keeps PostgreSQL's server out of PATH, and nginx out of an ordinary user's.
_FOLDERS = [*map(str, _POSTGRES), *os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/bin"]


def find(name: str) -> Path | None:
    found = shutil.which(name, path=os.pathsep.join(_FOLDERS))
    return Path(found) if found else None


def need(name: str, *, package: str) -> Path:
    """The path of a program. Without it the test is skipped; in CI, where nothing may go untested, it fails."""
    if found := find(name):
        return found
    reason = f"{name} is missing: install Debian's package {package}"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
