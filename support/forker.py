"""The process that forks: `python -m support.forker PATH`. `support.forks` starts it and sends orders to the socket at
that path, which is its standard input.

With `--project` it imports nothing from this checkout: its children are programs of other projects, which get the app
from elsewhere. With `--application` it also imports the application: each of its children reads its own settings
again.
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
# Our own pure modules, see the import contracts.
OURS = ("chat.protocol.schema", "chat.protocol.events", "chat.formatting.tree", "chat.rules", "chat.reaching")
# Modules of the application that `serve` and other commands import, except the server, which opens an event loop.
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
    """Run `django.setup`, and import what is usually imported later. Returns the settings that were read meanwhile."""
    import django
    from django.conf import settings

    from chat import conf

    applied = conf.apply

    def apply() -> None:
        """Forget the settings that this read: it reads all of the chat's, and derives nothing from them."""
        read = {*vars(settings)}
        applied()
        for name in vars(settings).keys() - read:
            del vars(settings)[name]

    conf.apply = apply
    # daphne's app imports its server, which opens an event loop.
    sys.modules["daphne.server"] = ModuleType("daphne.server")
    django.setup()
    del sys.modules["daphne.server"]
    from django.db.migrations.loader import MigrationLoader

    for name in APPLICATION:
        importlib.import_module(name)
    # Imports the migrations; children build the graph again.
    MigrationLoader(None)
    assert "twisted.internet.reactor" not in sys.modules, "children would share its event loop"
    conf.apply = applied
    # Django caches there each setting that was read. Connections and logging are set up again, see below.
    anew = {"DATABASES", "LOGGING"}
    return {name: value for name, value in vars(settings).items() if name.isupper() and name not in anew}


def forget_settings(read: Mapping[str, Any]) -> None:
    """Read the settings again from the environment, and drop everything derived from the previous ones.

    `read`: the settings that modules may have used while they were imported; their values must be the same.
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
    # As `django.setup` and the app's configuration do.
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    conf.apply()
    differing = [name for name, value in read.items() if getattr(settings, name) != value]
    assert not differing, f"read while modules were imported, so not for support.forks._READ_LATER: {differing}"


class Forker:
    """Forks a child for each order, and sends back its pid and later its exit code."""

    def __init__(self, listener: socket.socket, path: Path) -> None:
        self.listener = listener
        self.path = path
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ)
        # The connected clients, and those that have disconnected while their children are still ending.
        self.controls: set[socket.socket] = set()
        self.leaving: set[socket.socket] = set()
        # For each child, by its descriptor: its pid, the socket for its exit code, and its client. Children that fork
        # themselves have no client, and end as this process does.
        self.running: dict[int, tuple[int, socket.socket, socket.socket | None]] = {}

    def serve(self) -> tuple[bytes, list[int]]:
        """Returns only in a child, with its order and its files. The process ends when no client is connected."""
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
        """A client has disconnected: end its children."""
        self.selector.unregister(control)
        self.controls.remove(control)
        self.leaving.add(control)
        for pid, _, whose in self.running.values():
            if whose is control:
                os.kill(pid, signal.SIGKILL)
        self.let_go(control)

    def let_go(self, control: socket.socket) -> None:
        """Close a client's connection once its children have ended; end this process if it was the last."""
        if any(whose is control for _, _, whose in self.running.values()):
            return
        self.leaving.remove(control)
        if not self.controls and not self.leaving:
            if not self.path.exists():
                # The run has ended, and its folder is gone.
                sys.exit()
            with self.path.with_suffix(".lock").open("w") as lock:
                # Under the lock no client connects; one may have connected before.
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not select.select([self.listener], [], [], 0)[0]:
                    self.path.unlink()
                    sys.exit()
        control.close()


def leave_checkout() -> None:
    """From now on, find modules like a Python that was started elsewhere."""
    here = str(Path(__file__).resolve().parents[1])
    sys.path[:] = [path for path in sys.path if path not in ("", here)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "support"]:
        del sys.modules[name]
    files = {name: vars(module).get("__file__") or "" for name, module in [*sys.modules.items()] if name != "__main__"}
    ours = [name for name, file in files.items() if file.startswith(f"{here}/") and not file.startswith(sys.prefix)]
    assert not ours, f"children would have these of this checkout: {ours}"


def enter(namespace: str) -> None:
    """Enter a network namespace, as `nsenter --net` does; `os.setns` comes with Python 3.12."""
    with Path(namespace).open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), namespace)


def become(order: bytes, files: list[int], *, read: Mapping[str, Any] | None) -> None:
    """Run a program in this process, as `python` would; `read`: for `forget_settings`, if needed."""
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
    # The first entry of the module path of a Python that starts.
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
    """End as Python does, but without releasing each object: that writes to every memory page shared with the process
    that forked this one, and so copies them all, which takes a tenth of a second of a core."""
    threading._shutdown()  # type: ignore[attr-defined]  # the stubs lack it: it waits for threads
    atexit._run_exitfuncs()
    for each in gc.get_objects():
        # Closing the last connection copies the write-ahead log into the file.
        if issubclass(type(each), sqlite3.Connection):
            each.close()
    # If the output cannot be written, Python reports it below.
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    # Detach: the process that started it need not wait for it, and may end before it.
    if PROJECT_OPTION in sys.argv and os.fork():
        sys.exit()
    for name in LIBRARIES if PROJECT_OPTION in sys.argv else (*LIBRARIES, *OURS):
        importlib.import_module(name)
    read = import_application() if APPLICATION_OPTION in sys.argv else None
    if PROJECT_OPTION in sys.argv:
        leave_checkout()
    # The garbage collection of a child then skips these objects, and so does not copy their memory.
    gc.collect()
    gc.freeze()
    try:
        become(*Forker(socket.socket(fileno=0), Path(sys.argv[1])).serve(), read=read)
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        end(ended.code or 0)
    end(0)
