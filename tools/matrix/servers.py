"""ASGI servers, each one process over an SQLite file."""

from collections.abc import Callable, Coroutine
from typing import Any

from support.servers import PYTHON
from tools.faults.site import Site
from tools.matrix.places import venv
from tools.matrix.row import Outcome
from tools.matrix.trial import converse, versions

APPLICATION = "your_project.asgi:application"
UVICORN = ("uvicorn", "--port", "{port}", "--lifespan", "off", "--timeout-graceful-shutdown", "5", "--ws")


async def serve() -> Outcome:
    return await converse(Site.on_sqlite(), version=versions([PYTHON], "daphne"))


def other(*command: str, packages: tuple[str, ...]) -> Callable[[], Coroutine[Any, Any, Outcome]]:
    """`command`: the module, then its arguments."""

    async def run() -> Outcome:
        python = venv("servers", "matrix.txt")
        site = Site.on_sqlite()
        site.command = [str(python), "-m", *command, APPLICATION]
        return await converse(site, version=versions([python], *packages))

    return run


daphne = other("daphne", "-b", "127.0.0.1", "-p", "{port}", "--ping-interval", "20", packages=("daphne",))
uvicorn_ours = other(*UVICORN, "chat.uvicorn:SocketProtocol", packages=("uvicorn", "websockets"))
uvicorn_websockets = other(*UVICORN, "websockets-sansio", packages=("uvicorn", "websockets"))
uvicorn_wsproto = other(*UVICORN, "wsproto", packages=("uvicorn", "wsproto"))
gunicorn = other(
    *("gunicorn", "-b", "127.0.0.1:{port}", "-w", "1", "--graceful-timeout", "8", "-k", "tools.matrix.worker.Worker"),
    packages=("gunicorn", "uvicorn-worker"),
)
hypercorn = other(
    *("hypercorn", "-b", "127.0.0.1:{port}", "--websocket-ping-interval", "20", "--graceful-timeout", "5"),
    packages=("hypercorn",),
)
granian = other("granian", "--host", "127.0.0.1", "--port", "{port}", "--interface", "asginl", packages=("granian",))
