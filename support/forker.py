"""The process that forks: `python -m support.forker DESCRIPTOR`. See `support.forks`, which starts it and asks it."""

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from contextlib import suppress

# What a server imports, except what reads settings or needs models. Not `daphne.server`: it opens an event loop. Of our
# own modules: the pure ones, see the import contracts.
LIBRARIES = (
    *("autobahn.websocket.protocol", "twisted.web.http", "twisted.internet.endpoints", "structlog", "pydantic"),
    *("django.core.management.base", "django.core.checks", "django.contrib.auth.hashers", "django.forms"),
    *("django.db.migrations.executor", "django.template.defaulttags", "django.test.client", "django.views.debug"),
    *("channels.generic.websocket", "psycopg_pool", "redis.asyncio", "prometheus_client", "servestatic.asgi"),
    *("markdown_it", "limits.storage", "jwt", "csp.constants", "sqlparse", "redis.asyncio.sentinel", "brotli"),
    *("aiohttp", "PIL.Image", "PIL.ExifTags", "pillow_heif", "segno", "smtplib"),
    *("chat.protocol.schema", "chat.protocol.events", "chat.formatting.tree", "chat.rules", "chat.reaching"),
)
LARGEST_ORDER_BYTES = 200_000


def serve(control: socket.socket) -> tuple[bytes, list[int]]:
    """Fork a child for each order, and send back its pid and later its exit code.

    Returns only in a child, with its order and its files. The process ends, and its children with it, when the other
    side has.
    """
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    # Of each child: where to send how it ended.
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for key, _ in selector.select():
            if key.fd in running:
                pid, answers = running.pop(key.fd)
                selector.unregister(key.fd)
                os.close(key.fd)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with suppress(OSError), answers:
                    answers.sendall(b"%d\n" % code)
                continue
            order, files, _, _ = socket.recv_fds(control, LARGEST_ORDER_BYTES, 4)
            if not order:
                for pid, _ in running.values():
                    os.kill(pid, signal.SIGKILL)
                sys.exit()
            pid = os.fork()
            answers = socket.socket(fileno=files.pop())
            if pid == 0:
                selector.close()
                for ours in (control, answers, *(other for _, other in running.values())):
                    ours.close()
                for descriptor in running:
                    os.close(descriptor)
                return order, files
            for file in files:
                os.close(file)
            answers.sendall(b"%d\n" % pid)
            descriptor = os.pidfd_open(pid)
            running[descriptor] = pid, answers
            selector.register(descriptor, selectors.EVENT_READ)


def become(order: bytes, files: list[int]) -> None:
    """Run a program in this process, as `python` would."""
    wanted = json.loads(order)
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    first, *rest = wanted["arguments"]
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    for name in LIBRARIES:
        importlib.import_module(name)
    # A child that collects garbage need not look at it, and so not copy it.
    gc.collect()
    gc.freeze()
    become(*serve(socket.socket(fileno=int(sys.argv[1]))))
