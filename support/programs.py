"""The programs a test needs, or a clear reason why it cannot run."""

import os
import shutil
from pathlib import Path

import pytest

_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# Debian keeps PostgreSQL's server out of PATH, and nginx out of an ordinary user's.
_FOLDERS = [*map(str, _POSTGRES), *os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/bin"]


def find(*names: str) -> Path | None:
    """The path of the first of these programs that is there."""
    found = (shutil.which(name, path=os.pathsep.join(_FOLDERS)) for name in names)
    return next((Path(path) for path in found if path), None)


def need(*names: str, package: str) -> Path:
    """The path of the first of these programs that is there. Without any the test is skipped; in CI, where nothing may
    go untested, it fails."""
    if found := find(*names):
        return found
    reason = f"{names[0]} is missing: install Debian's package {package}"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
