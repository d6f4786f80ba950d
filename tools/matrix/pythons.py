"""Pythons and Djangos, each with an environment of its own that runs a selected part of the tests."""

import os
import subprocess
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from support.programs import find
from support.servers import ROOT
from tools.matrix.places import copy, venv
from tools.matrix.row import Failed, NotRun, Outcome
from tools.matrix.trial import printed, versions

# The tests closest to Django and to the language.
TESTS = (
    *(
        "tests/services/test_posting.py",
        "tests/services/test_messages.py",
        "tests/services/test_missed_mail.py",
        "tests/queries",
    ),
    "tests/lib/test_prepared_queries.py",
)
POSTING = "tests of posting, messages, e-mail and queries"
SHOP = ("--long", "tests/embedding/test_shop.py")
SHOP_FORMS = "`serve`, gunicorn with a uvicorn worker, WSGI beside `serve`; SQLite and PostgreSQL; Chromium"
TEST_SECONDS = 1800


def python(version: str) -> Callable[[], Coroutine[Any, Any, Outcome]]:
    """A copy of the repository that `bin/setup --test` installs for this Python."""

    async def run() -> Outcome:
        found = _python(version)
        folder = copy(f"python-{version}")
        _checked(["bin/setup", "--test", "--quiet"], folder, {"PYTHON": found}, what="bin/setup --test")
        exact = printed(found, "--version").removeprefix("Python ")
        tested = _tested(folder / ".venv" / "bin" / "python", folder, *TESTS, what=POSTING, version=exact)
        return Outcome(exact, tested)

    return run


def django(
    version: str, *locks: str, at_least: str = "3.11", shop: bool = False
) -> Callable[[], Coroutine[Any, Any, Outcome]]:
    """`locks`: the locks that are installed, one over the other; `at_least`: the oldest Python that this Django
    supports; `shop`: run the project of docs/embedding.md in each of its forms, instead of the tests of posting."""

    async def run() -> Outcome:
        inside = venv(f"django-{version}", *locks, python=_newest(at_least))
        exact = versions([inside], "django").removeprefix("django ")
        on = printed(inside, "--version")
        tests, what = (SHOP, SHOP_FORMS) if shop else (TESTS, POSTING)
        return Outcome(exact, f"{_tested(inside, ROOT, *tests, what=what, version=exact)}; on {on}")

    return run


def _newest(at_least: str) -> str:
    minor = int(at_least.partition(".")[2])
    for number in range(minor, 15):
        try:
            return _python(f"3.{number}")
        except NotRun:
            continue
    raise NotRun(f"Python {at_least} or newer is not installed")


def _python(version: str) -> str:
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for found in filter(None, [find(f"python{version}"), *kept]):
        # pyenv has a shim for each Python, also for those that it will not start here.
        if printed(found, "--version").startswith(f"Python {version}."):
            return str(found)
    raise NotRun(f"python{version} is not installed")


def _tested(inside: Path, folder: Path, *tests: str, what: str, version: str) -> str:
    command = [str(inside), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    done = _checked(command, folder, {}, what="pytest", version=version)
    return f"{what}: {done.strip().splitlines()[-1].strip('= ')}"


def _checked(command: list[str], folder: Path, more: Mapping[str, str], *, what: str, version: str = "") -> str:
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    try:
        done = subprocess.run(
            command, cwd=folder, env=env | dict(more), capture_output=True, text=True, timeout=TEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{what} did not end within {TEST_SECONDS} s", version=version) from None
    if done.returncode:
        lines = f"{done.stdout}{done.stderr}".strip().splitlines() or [""]
        raise Failed(f"{what} ended with {done.returncode}: {lines[-1][:200]}", version=version)
    return done.stdout
