"""The measured servers, all on the same core, each with a Redis and a database of its own."""

import functools
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.build import HERE, Build
from bench.client import Address
from bench.load import Say
from bench.machine import cpu_seconds, memory_bytes, pinned
from bench.npm import install
from chat.lib.push_keys import new_private_key
from support import forks
from support.processes import Child, answers, free_port, scratch
from support.programs import need
from support.servers import (
    PYTHON,
    Postgres,
    RedisServer,
    clean_environment,
    make_tables,
    manage,
    migrated_sqlite,
)

# Placeholders in commands: {python} is the Python of the build, {port} the port.
DAPHNE_COMMAND = [PYTHON, "-m", "daphne", "-v0", "-b", "127.0.0.1", "-p", "{port}", "bench.textbook.asgi:application"]
SERVE_COMMAND = ["{python}", "manage.py", "serve", "--host", "127.0.0.1", "--port", "{port}"]
UVICORN_COMMAND = [
    "{python}", "-m", "uvicorn", "--log-level", "warning", "--lifespan", "off", "--port", "{port}",
    "--loop", "uvloop" if find_spec("uvloop") else "asyncio",
    "--ws", "chat.uvicorn:SocketProtocol", "your_project.asgi:application",
]  # fmt: skip
# Signs sessions. Fixed, because several servers get a copy of one database.
SECRET_KEY = "only for measuring, and long enough to be taken for a secret"
# Signs pushes. Fixed for the same reason.
PUSH_KEY = new_private_key()


@dataclass(frozen=True)
class World:
    """The accounts and rooms of a server: person n is a member of room n modulo `rooms`, or of every room."""

    people: int = 200
    rooms: int = 1
    # Messages in each room.
    lines: int = 0
    everywhere: bool = False
    # The push service of one device per person, notified of every message; empty: no devices.
    devices: str = ""
    # Each person is also in a room of each of these sizes: for 25, person n is in `of-25-<n // 25>`.
    sizes: tuple[int, ...] = ()


@dataclass
class Server:
    """A server under load: one process, or several that share a database and a Redis."""

    children: list[Child]
    ports: list[int]
    # Client number and port -> how the client connects.
    enter: Callable[[int, int], Address]
    say: Say
    # Whether messages with a client_id are acknowledged.
    acks: bool = False
    redis: RedisServer | None = None

    def addresses(self, number: int, *, subprotocol: str = "") -> list[Address]:
        """This number of clients, spread evenly over the processes."""
        found = [self.enter(client, self.ports[client % len(self.ports)]) for client in range(number)]
        if not subprotocol:
            return found
        return [replace(one, headers={**one.headers, "Sec-WebSocket-Protocol": subprotocol}) for one in found]

    def cpu_seconds(self) -> float:
        """CPU time of all processes."""
        return sum(cpu_seconds(child.pid) for child in self.children)

    def memory_bytes(self) -> int:
        """Memory of all processes."""
        return sum(memory_bytes(child.pid) for child in self.children)

    def last_words(self) -> str:
        """The end of the output of each process."""
        return "\n".join(child.output()[-2000:] for child in self.children)

    def stop(self) -> None:
        """Stop all processes and the Redis."""
        for child in self.children:
            child.kill()
        if self.redis:
            self.redis.stop()


@dataclass(frozen=True)
class Contestant:
    """A server that can be started and measured."""

    name: str
    title: str
    start: Callable[[World], Server]
    # A slow server is measured with this many times fewer messages.
    slowness: int = 1
    # How the same server starts from another checkout; None for other servers.
    of_build: Callable[[Build], Callable[[World], Server]] | None = field(default=None, compare=False)

    def beside(self, build: Build) -> "Contestant | None":
        """The same contestant of another build."""
        if self.of_build is None:
            return None
        return replace(self, name=f"{self.name}-beside", title=f"{self.title}, other build", start=self.of_build(build))


@functools.cache
def postgres() -> Postgres:
    """PostgreSQL as an operator would run it: commits are synced to disk."""
    return Postgres(durable=True)


def textbook(layer: str, database: str) -> Callable[[World], Server]:
    """The textbook server with this channel layer and database."""

    def start(world: World) -> Server:
        redis = RedisServer()
        url = postgres().create_database() if database == "postgresql" else _sqlite(scratch("bench") / "textbook")
        env = clean_environment(
            DJANGO_SETTINGS_MODULE="bench.textbook.settings", DATABASE_URL=url, REDIS_URL=redis.url, LAYER=layer
        )
        manage("migrate", "-v0", env=env)
        child, port = launch(DAPHNE_COMMAND, env)

        def enter(client: int, port: int) -> Address:
            return Address(port, f"/ws/chat/room-{client % world.rooms}/")

        return Server([child], [port], enter, _plainly, redis=redis)

    return start


def ours(
    database: str,
    program: Sequence[str],
    *,
    with_redis: bool = True,
    processes: int = 1,
    overview: bool = False,
    build: Build = HERE,
) -> Callable[[World], Server]:
    """Our server. `overview`: clients connect to the socket of all their rooms, as the browser does, not to that of
    one."""

    def start(world: World) -> Server:
        redis = RedisServer() if with_redis else None
        url, cookies = populated(database, world, build)
        env = environment(url, redis)
        started = [launch(program, env, build) for _ in range(processes)]

        def enter(client: int, port: int) -> Address:
            headers = {"Cookie": f"sessionid={cookies[client]}", "Origin": f"http://127.0.0.1:{port}"}
            if overview:
                return Address(port, "/ws/chat/", headers, welcome=b'"rooms"')
            return Address(port, f"/ws/chat/room-{client % world.rooms}/", headers, welcome=b'"history"')

        children, ports = [child for child, _ in started], [port for _, port in started]
        say = functools.partial(_acknowledged, room="room-0") if overview else _acknowledged
        return Server(children, ports, enter, say, acks=True, redis=redis)

    return start


def our_contestant(name: str, title: str, database: str, program: Sequence[str], **options: Any) -> Contestant:
    """Our server as a contestant, which another build can be measured beside. `options`: those of `ours`."""

    def of_build(build: Build) -> Callable[[World], Server]:
        return ours(database, program, build=build, **options)

    return Contestant(name, title, of_build(HERE), of_build=of_build)


def environment(database_url: str, redis: RedisServer | None = None) -> dict[str, str]:
    """The settings of our server, without limits."""
    return clean_environment(
        DJANGO_SETTINGS_MODULE="your_project.settings",
        DATA_DIR=str(scratch("bench")),
        DATABASE_URL=database_url,
        SECRET_KEY=SECRET_KEY,
        CHAT_SEND_LIMIT="0",
        CHAT_CONNECT_LIMIT="0",
        CHAT_SOCKETS_PER_USER="0",
        CHAT_API_LIMIT="0",
        CHAT_FILE_MAX="0",
        CHAT_FILE_QUOTA="0",
        CHAT_PUSH_KEY=PUSH_KEY,
        CHAT_PUSH_ALLOW="127.0.0.1",
        **({"REDIS_URL": redis.url} if redis else {}),
    )


def populated(database: str, world: World, build: Build = HERE) -> tuple[str, list[str]]:
    """The URL of a new database with this world, and a session key for each person."""
    original, cookies = _population(database, world, build)
    if database == "postgresql":
        return postgres().create_database(template=original), cookies
    copy = scratch("bench") / "database.sqlite3"
    shutil.copy(original, copy)
    return _sqlite(copy), cookies


@functools.cache
def _population(database: str, world: World, build: Build) -> tuple[str, list[str]]:
    if database == "postgresql":
        url = postgres().create_database(template=_migrated(build))
        original = url.rpartition("/")[2]
    else:
        original = str(shutil.copy(_migrated_sqlite(build), scratch("bench")))
        url = _sqlite(original)
    # Leaves these out when empty: another build may not know them.
    facts = {name: value for name, value in asdict(world).items() if name not in {"devices", "sizes"} or value}
    done = _run(build, "-m", "bench.seed", json.dumps(facts), env=environment(url))
    return original, json.loads(done)


@functools.cache
def _migrated(build: Build) -> str:
    """The name of a database with all tables and no rows."""
    url = postgres().create_database()
    if build == HERE:
        make_tables(url)
    else:
        _run(build, "manage.py", "migrate", "-v0", "--skip-checks", env=environment(url))
    return url.rpartition("/")[2]


@functools.cache
def _migrated_sqlite(build: Build) -> Path:
    if build == HERE:
        return migrated_sqlite()
    path = scratch("bench") / "migrated.sqlite3"
    _run(build, "manage.py", "migrate", "-v0", "--skip-checks", env=environment(_sqlite(path)))
    return path


def _run(build: Build, *arguments: str, env: Mapping[str, str]) -> str:
    done = forks.run([build.python, *arguments], cwd=build.root, env=env)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed in {build.root}:\n{done.stderr[-2000:]}")
    return done.stdout


def websockets(_: World) -> Server:
    """The server of `bench.peers.broadcast`."""
    child, port = launch([PYTHON, "-m", "bench.peers.broadcast", "{port}"], clean_environment())
    return Server([child], [port], lambda _, port: Address(port, "/"), _plainly)


def socketio(*, with_redis: bool) -> Callable[[World], Server]:
    """A socket.io server."""

    def start(_: World) -> Server:
        node, folder = need("node", package="nodejs"), install("socketio")
        redis = RedisServer() if with_redis else None
        env = clean_environment(**({"REDIS_URL": redis.url} if redis else {}))
        child, port = launch([str(node), str(folder / "server.mjs"), "{port}"], env)

        def enter(_: int, port: int) -> Address:
            # The first packet of each client connects to the main namespace.
            return Address(port, "/socket.io/?EIO=4&transport=websocket", hello=(b"40",))

        return Server([child], [port], enter, _as_event, redis=redis)

    return start


def launch(command: Sequence[str], env: Mapping[str, str], build: Build = HERE) -> tuple[Child, int]:
    """Start a server on the server's core and wait until it answers."""
    port = free_port()
    filled = [part.replace("{port}", str(port)).replace("{python}", build.python) for part in command]
    child = Child([*pinned(), *filled], log=scratch("bench") / "server.log", env=env, cwd=build.root)
    child.wait_until(lambda: answers(port))
    return child, port


def _sqlite(path: Path | str) -> str:
    return f"sqlite:///{path}"


def _plainly(text: str, _: str) -> bytes:
    return json.dumps({"message": text}).encode()


def _as_event(text: str, _: str) -> bytes:
    return b"42" + json.dumps(["message", text]).encode()


def _acknowledged(text: str, client_id: str, **more: str) -> bytes:
    return json.dumps({"type": "chat_message", "message": text, "client_id": client_id, **more}).encode()


TEXTBOOK = Contestant("textbook", "textbook consumer: core layer, daphne, SQLite", textbook("core", "sqlite"), 4)
TEXTBOOK_PUBSUB = Contestant(
    "textbook-pubsub", "textbook consumer: pub/sub layer, daphne, SQLite", textbook("pubsub", "sqlite"), 4
)
TEXTBOOK_POSTGRES = Contestant(
    "textbook-postgresql", "textbook consumer: core layer, daphne, PostgreSQL", textbook("core", "postgresql"), 4
)
WEBSOCKETS = Contestant("websockets", "websockets library: broadcast(), keeps nothing", websockets)
SOCKETIO = Contestant("socketio", "socket.io on Node: keeps nothing", socketio(with_redis=False))
SOCKETIO_REDIS = Contestant(
    "socketio-redis", "socket.io on Node, Redis adapter: keeps nothing", socketio(with_redis=True)
)
SQLITE = our_contestant("sqlite", "Backchannel: one process, serve, SQLite", "sqlite", SERVE_COMMAND, with_redis=False)
UVICORN_SQLITE = our_contestant(
    "uvicorn-sqlite", "Backchannel: one process, uvicorn, SQLite", "sqlite", UVICORN_COMMAND, with_redis=False
)
DAPHNE = our_contestant("daphne", "Backchannel: Redis, serve, PostgreSQL", "postgresql", SERVE_COMMAND)
UVICORN = our_contestant("uvicorn", "Backchannel: Redis, uvicorn, PostgreSQL", "postgresql", UVICORN_COMMAND)
