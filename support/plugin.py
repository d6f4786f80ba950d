"""The database of a test run, chosen before Django reads its settings."""

import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.apps import AppConfig

from chat.lib import memory
from chat.migrations import _first_rows
from support import forks, once
from support.postgres import shared_postgres
from support.processes import scratch

# Settings of the shell that starts the tests must not change what they test.
_FOREIGN = ("REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEBUG", "PLAYGROUND", "WEB_PROCESSES")

# Folders whose files share servers: with `--dist loadfile` each goes to one worker as a whole.
_TOGETHER = ("tests/deployment/", "tests/playground/")
# The niceness of the worker that lets others go first: it gets a third of another's share when all want a core.
_NICE = 5


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="the database under the tests: an SQLite file, or a private PostgreSQL server",
    )
    parser.addoption(
        "--long",
        action="store_true",
        help="also the tests marked `long`: more of what a shorter one proves, such as the same scenes in another size",
    )
    parser.addoption(
        "--beside",
        type=Path,
        metavar="FILE",
        help="share the machine with tests on PostgreSQL, which make this file when they end: until then the last "
        "worker but one waits; the last one lets all others go first and takes the files from the end",
    )
    parser.addoption(
        "--pictures", metavar="FOLDER", help="where the walk through a team's first minutes puts a picture of each step"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out `long` tests, unless they are requested."""
    left_out = [] if config.getoption("--long") else [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    for name in [*_FOREIGN, *(name for name in os.environ if name.startswith("CHAT_"))]:
        os.environ.pop(name, None)
    # Until the tests are collected nothing is garbage: looking for it takes a fifth of that time.
    gc.disable()
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
    if early_config.known_args_namespace.beside and os.environ.get("PYTEST_XDIST_WORKER") == _patient(workers):
        _let_others_go_first()
    forks.use(once.share())
    os.environ["DATA_DIR"] = str(scratch("tests"))
    # Collected once for this version, not by every process that imports the application.
    os.environ["STATIC_DIR"] = str(once.STATIC_DIR)
    os.environ.pop("DATABASE_URL", None)
    if early_config.known_args_namespace.database == "postgres":
        os.environ["DATABASE_URL"] = shared_postgres().create_database()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    # Modules and tests stay: each full collection would walk through all of them.
    memory.settle()
    gc.enable()
    # Where this is imported, as by tests/live/test_requests.py, pytest looks up Twisted's version before each test:
    # 0.8 ms of a core. No test uses trial.
    sys.modules.pop("twisted.trial.unittest", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give workers files, and folders whose files share servers."""
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # published without types

    ended: Path | None = config.getoption("beside")

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((folder for folder in _TOGETHER if file.startswith(folder)), file)

        def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
            super().mark_test_complete(node, item_index, duration)
            for other in self.nodes:
                if ended and other.gateway.id == _waiting(self.numnodes):
                    self._reschedule(other)

        def _assign_work_unit(self, node: Any) -> None:
            if ended and node.gateway.id == _waiting(self.numnodes) and not ended.exists():
                return
            if ended and node.gateway.id == _patient(self.numnodes):
                self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
            super()._assign_work_unit(node)

    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


def _waiting(workers: int) -> str:
    """The worker that begins when the tests on PostgreSQL have ended."""
    return f"gw{workers - 2}"


def _patient(workers: int) -> str:
    """The worker that lets all other processes go first."""
    return f"gw{workers - 1}"


def _let_others_go_first() -> None:
    os.nice(_NICE)
    # Where each session gets a share of the cores, niceness counts only among its own processes.
    os.setsid()
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICE))


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    from django.conf import settings
    from django.db.models.signals import post_migrate

    from support import emptying

    emptying.use()
    # Data that is deleted with the run need not reach the disk.
    options = settings.DATABASES["default"].get("OPTIONS", {})
    if "init_command" in options:
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")

    # A sign-in in a test must not take a second.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    post_migrate.connect(_put_back, dispatch_uid="first rows")


def _put_back(sender: AppConfig, **_kwargs: object) -> None:
    """Put back the rows that migrations made: the flush at the end of a transactional test deletes them."""
    if sender.label == "chat":
        _first_rows.create(sender.apps, None)
