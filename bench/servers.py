"""The servers that are measured, each on the same core, with a Redis and a database of its own."""

import functools
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.machine import SERVER_CORE
from tests.support.processes import Child, answers, free_port, scratch
from tests.support.servers import PYTHON, ROOT, Postgres, RedisServer, clean_environment, manage

DAPHNE = [PYTHON, "-m", "daphne", "-v0", "-b", "127.0.0.1", "-p", "{port}"]
SERVE = [PYTHON, "manage.py", "serve", "--host", "127.0.0.1", "--port", "{port}"]
UVICORN = [
    *(PYTHON, "-m", "uvicorn", "--log-level", "warning", "--lifespan", "off", "--port", "{port}"),
    *("--ws", "websockets-sansio", "your_project.asgi:application"),
]


@dataclass
class Running:
    """A server under load."""

    child: Child
    port: int
    path: str
    headers: Mapping[str, str]
    command: Callable[[str, int], object]

    @property
    def pid(self) -> int:
        return self.child.pid


@dataclass(frozen=True)
class Contestant:
    name: str
    title: str
    start: Callable[[], Running]


@functools.cache
def _postgres() -> Postgres:
    """As an operator would run it: what is committed is on disk."""
    return Postgres(durable=True)


def _database(kind: str) -> str:
    if kind == "postgresql":
        return _postgres().create_database()
    return f"sqlite:///{scratch('bench') / 'database.sqlite3'}"


def _textbook(layer: str, database: str, program: list[str]) -> Callable[[], Running]:
    def start() -> Running:
        env = clean_environment(
            DJANGO_SETTINGS_MODULE="bench.textbook.settings",
            DATABASE_URL=_database(database),
            REDIS_URL=RedisServer().url,
            LAYER=layer,
        )
        manage("migrate", "-v0", env=env)
        child, port = _run([*program, "bench.textbook.asgi:application"], env)
        return Running(child, port, "/ws/chat/lobby/", {}, lambda text, _: {"message": text})

    return start


def _ours(database: str, program: list[str], *, redis: bool = True) -> Callable[[], Running]:
    def start() -> Running:
        env = clean_environment(
            DATA_DIR=str(scratch("bench")),
            DATABASE_URL=_database(database),
            CHAT_SEND_LIMIT="0",
            CHAT_CONNECT_LIMIT="0",
            CHAT_SOCKETS_PER_USER="0",
            **({"REDIS_URL": RedisServer().url} if redis else {}),
        )
        manage("migrate", "-v0", env=env)
        manage("adduser", "ada", "--password-stdin", env=env, stdin="correct horse battery\n")
        token = manage("token", "ada", env=env).split()[-1]
        child, port = _run(program, env)
        return Running(
            child,
            port,
            "/ws/chat/lobby/",
            {"Authorization": f"Bearer {token}"},
            lambda text, number: {"type": "chat_message", "message": text, "client_id": f"{child.pid}-{number}"},
        )

    return start


def _websockets() -> Running:
    child, port = _run([PYTHON, "-m", "bench.peers.broadcast", "{port}"], clean_environment())
    return Running(child, port, "/", {}, lambda text, _: {"message": text})


def _run(command: list[str], env: Mapping[str, str]) -> tuple[Child, int]:
    port = free_port()
    pin = [shutil.which("taskset") or "taskset", "-c", str(SERVER_CORE)]
    filled = [part.replace("{port}", str(port)) for part in command]
    child = Child([*pin, *filled], log=Path(scratch("bench")) / "server.log", env=env, cwd=ROOT)
    child.wait_until(lambda: answers(port))
    return child, port


CONTESTANTS = [
    Contestant("textbook", "textbook consumer: core layer, daphne, SQLite", _textbook("core", "sqlite", DAPHNE)),
    Contestant(
        "textbook-pubsub", "textbook consumer: pub/sub layer, daphne, SQLite", _textbook("pubsub", "sqlite", DAPHNE)
    ),
    Contestant("websockets", "websockets library: broadcast(), keeps nothing", _websockets),
    Contestant("sqlite", "Backchannel: one process, serve, SQLite", _ours("sqlite", SERVE, redis=False)),
    Contestant("daphne", "Backchannel: Redis, serve, PostgreSQL", _ours("postgresql", SERVE)),
    Contestant("uvicorn", "Backchannel: Redis, uvicorn, PostgreSQL", _ours("postgresql", UVICORN)),
]
