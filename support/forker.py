"""The process that forks: `python -m support.forker PATH`. See `support.forks`, which starts it and sends orders to the
socket of that path, at which it listens as its standard input.

With `--project` it has imported nothing of this checkout: its children are programs of other projects, which have the
app from elsewhere. With `--application` it has imported the application, too: its children read the settings again,
each its own.
"""

import atexit
import ctypes
import fcntl
import gc
import importlib
import json
import os
import runpy
import select
import selectors
import signal
import socket
import sqlite3
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, cast

# What servers and clients import, except what reads settings or needs models. Not `daphne.server`: it opens an event
# loop.
LIBRARIES = (
    *("autobahn.websocket.protocol", "twisted.web.http", "twisted.internet.endpoints", "structlog", "pydantic"),
    *("django.core.management.base", "django.core.checks", "django.contrib.auth.hashers", "django.forms"),
    *("django.db.migrations.executor", "django.template.defaulttags", "django.test.client", "django.views.debug"),
    *("channels.generic.websocket", "psycopg_pool", "redis.asyncio", "prometheus_client", "servestatic.asgi"),
    *("markdown_it", "limits.storage", "jwt", "csp.constants", "sqlparse", "redis.asyncio.sentinel", "brotli"),
    *("aiohttp", "PIL.Image", "PIL.ExifTags", "pillow_heif", "segno", "smtplib"),
    *("httpx", "msgspec", "websockets.asyncio.client"),
)
# Of our own modules: the pure ones, see the import contracts.
OURS = ("chat.protocol.schema", "chat.protocol.events", "chat.formatting.tree", "chat.rules", "chat.reaching")
# Of the application: what `serve` and other commands import, but for the server, which opens an event loop.
APPLICATION = (
    *("django.core.asgi", "your_project.urls", "your_project.static_files", "chat.routing", "chat.middleware"),
    *("chat.api.page_form", "chat.api.uploads", "chat.server.bodies", "chat.server.health", "chat.live.hub"),
    *("chat.management.start", "django.core.management.commands.shell", "django.core.management.commands.migrate"),
)
LARGEST_ORDER_BYTES = 200_000
APPLICATION_OPTION = "--application"
PROJECT_OPTION = "--project"
# linux/sched.h
CLONE_NEWNET = 0x40000000


def import_application() -> dict[str, Any]:
    """As `django.setup` does, and then what is imported later. Returns the settings that were read meanwhile."""
    import django
    from django.conf import settings

    from chat import conf

    applied = conf.apply

    def apply() -> None:
        """It reads all of the chat's, and makes nothing of them."""
        read = {*vars(settings)}
        applied()
        for name in vars(settings).keys() - read:
            del vars(settings)[name]

    conf.apply = apply
    # The app of daphne imports its server.
    sys.modules["daphne.server"] = ModuleType("daphne.server")
    django.setup()
    del sys.modules["daphne.server"]
    from django.db.migrations.loader import MigrationLoader

    for name in APPLICATION:
        importlib.import_module(name)
    # Imports the migrations; the graph is made again.
    MigrationLoader(None)
    assert "twisted.internet.reactor" not in sys.modules, "children would share its event loop"
    conf.apply = applied
    # Django keeps there what was read once. The connections and the log are set up anew, see below.
    anew = {"DATABASES", "LOGGING"}
    return {name: value for name, value in vars(settings).items() if name.isupper() and name not in anew}


def forget_settings(read: Mapping[str, Any]) -> None:
    """Read the settings again from the environment, and let nothing be made of those before.

    `read`: those of which modules may have made something while they were imported; they must be the same.
    """
    from asgiref.local import Local
    from django.conf import settings
    from django.core.cache import caches
    from django.db import connections
    from django.utils.functional import empty
    from django.utils.log import configure_logging

    from chat import conf

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "your_project.settings")
    del sys.modules["your_project.settings"]
    settings._wrapped = empty
    handlers: tuple[Any, ...] = (connections, caches)
    for handler in handlers:
        vars(handler).pop("settings", None)
        handler._settings = None
        handler._connections = Local(handler.thread_critical)
    # As `django.setup` does, and the configuration of the app.
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    conf.apply()
    differing = [name for name, value in read.items() if getattr(settings, name) != value]
    assert not differing, f"read while modules were imported, so not for support.forks._READ_LATER: {differing}"


class Forker:
    """Forks a child for each order that comes, and sends back its pid and later its exit code."""

    def __init__(self, listener: socket.socket, path: Path) -> None:
        self.listener = listener
        self.path = path
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ)
        # Whose orders come, and who has gone and is waited for by their children.
        self.controls: set[socket.socket] = set()
        self.leaving: set[socket.socket] = set()
        # Of each child, by its descriptor: its pid, where to send how it ended, and whose it is. Those that fork
        # themselves belong to no one, and end as this process does.
        self.running: dict[int, tuple[int, socket.socket, socket.socket | None]] = {}

    def serve(self) -> tuple[bytes, list[int]]:
        """Returns only in a child, with its order and its files. The process ends when no one is connected any more."""
        while True:
            for key, _ in self.selector.select():
                if isinstance(key.fileobj, int):
                    self.ended(key.fd)
                elif key.fileobj is self.listener:
                    self.accept()
                elif child := self.obey(cast(socket.socket, key.fileobj)):
                    return child

    def accept(self) -> None:
        control, _ = self.listener.accept()
        self.controls.add(control)
        self.selector.register(control, selectors.EVENT_READ)

    def obey(self, control: socket.socket) -> tuple[bytes, list[int]] | None:
        """The order and its files, in the child."""
        order, files, _, _ = socket.recv_fds(control, LARGEST_ORDER_BYTES, 4)
        if not order:
            self.leave(control)
            return None
        pid = os.fork()
        answers = socket.socket(fileno=files.pop())
        if pid == 0:
            self.selector.close()
            others = (other for _, other, _ in self.running.values())
            for ours in (self.listener, answers, *self.controls, *self.leaving, *others):
                ours.close()
            for descriptor in self.running:
                os.close(descriptor)
            return order, files
        for file in files:
            os.close(file)
        answers.sendall(b"%d\n" % pid)
        descriptor = os.pidfd_open(pid)
        forks = "support.forker" in json.loads(order)["arguments"]
        self.running[descriptor] = pid, answers, None if forks else control
        self.selector.register(descriptor, selectors.EVENT_READ)
        return None

    def ended(self, descriptor: int) -> None:
        pid, answers, control = self.running.pop(descriptor)
        self.selector.unregister(descriptor)
        os.close(descriptor)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with suppress(OSError), answers:
            answers.sendall(b"%d\n" % code)
        if control in self.leaving:
            self.let_go(control)

    def leave(self, control: socket.socket) -> None:
        """Who gave orders has ended: so do the children of these."""
        self.selector.unregister(control)
        self.controls.remove(control)
        self.leaving.add(control)
        for pid, _, whose in self.running.values():
            if whose is control:
                os.kill(pid, signal.SIGKILL)
        self.let_go(control)

    def let_go(self, control: socket.socket) -> None:
        """When its children have ended, it may know; without any other, this process ends."""
        if any(whose is control for _, _, whose in self.running.values()):
            return
        self.leaving.remove(control)
        if not self.controls and not self.leaving:
            if not self.path.exists():
                # The run has ended, and its folder with it.
                sys.exit()
            with self.path.with_suffix(".lock").open("w") as lock:
                # No one connects meanwhile; somebody may have done so before.
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not select.select([self.listener], [], [], 0)[0]:
                    self.path.unlink()
                    sys.exit()
        control.close()


def leave_checkout() -> None:
    """From now on, modules are found as by a Python that was started elsewhere."""
    here = str(Path(__file__).resolve().parents[1])
    sys.path[:] = [path for path in sys.path if path not in ("", here)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "support"]:
        del sys.modules[name]
    files = {name: vars(module).get("__file__") or "" for name, module in [*sys.modules.items()] if name != "__main__"}
    ours = [name for name, file in files.items() if file.startswith(f"{here}/") and not file.startswith(sys.prefix)]
    assert not ours, f"children would have these of this checkout: {ours}"


def enter(namespace: str) -> None:
    """Go into a network namespace, as `nsenter --net` does; `os.setns` comes with Python 3.12."""
    with Path(namespace).open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), namespace)


def become(order: bytes, files: list[int], *, read: Mapping[str, Any] | None) -> None:
    """Run a program in this process, as `python` would; `read`: of an application with settings of its own."""
    wanted = json.loads(order)
    os.setsid()
    if wanted["namespace"]:
        enter(wanted["namespace"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    if read is not None:
        forget_settings(read)
    first, *rest = wanted["arguments"]
    # What Python puts first when it starts.
    own = {"-m": [wanted["cwd"]], "-c": [""]}.get(first, [])
    places = [*own, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.path[:0] = [place for place in places if place not in sys.path]
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        code, *rest = rest
        sys.argv = ["-c", *rest]
        main = sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(code, "<string>", "exec"), vars(main))
    else:
        sys.argv = [first, *rest]
        runpy.run_path(first, run_name="__main__")


def end(code: int) -> NoReturn:
    """End as Python does, but do not let go of each object before: that writes to every page of memory which is shared
    with the process that forked this one, and so copies them all, in a tenth of a second of a core."""
    threading._shutdown()  # type: ignore[attr-defined]  # the stubs lack it: it waits for threads
    atexit._run_exitfuncs()
    for each in gc.get_objects():
        # The last one to be closed takes the log of writes into the file.
        if issubclass(type(each), sqlite3.Connection):
            each.close()
    # What cannot be written, Python says itself.
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    # Who started it need not wait for it, and may end before it.
    if PROJECT_OPTION in sys.argv and os.fork():
        sys.exit()
    for name in LIBRARIES if PROJECT_OPTION in sys.argv else (*LIBRARIES, *OURS):
        importlib.import_module(name)
    read = import_application() if APPLICATION_OPTION in sys.argv else None
    if PROJECT_OPTION in sys.argv:
        leave_checkout()
    # A child that collects garbage need not look at it, and so not copy it.
    gc.collect()
    gc.freeze()
    try:
        become(*Forker(socket.socket(fileno=0), Path(sys.argv[1])).serve(), read=read)
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        end(ended.code or 0)
    end(0)
