"""A deployment to break: server processes over one database, with people who have tokens and share a room."""

import asyncio
import functools
import os
import shutil
import sqlite3
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from support.hosts import LOCAL, Host
from support.postgres import Postgres
from support.processes import free_port, scratch
from support.redis import RedisServer
from support.servers import PYTHON, ROOT, Server, clean_environment, make_tables, manage, migrated_sqlite
from tools.faults.verdict import Row

ROOM = "lobby"
PEOPLE = ("ada", "bob", "cem", "dana", "eve", "finn", "gita", "hugo")
# Limits that would stop the traffic are off, except in the fault that is about them.
NO_LIMITS = {
    "CHAT_SEND_LIMIT": "0",
    "CHAT_CONNECT_LIMIT": "0",
    "CHAT_SOCKETS_PER_USER": "0",
    "SECRET_KEY": "nothing that is kept behind this key outlives the run",
}
_MAKE_PEOPLE = f"""
from accounts.services import account_create
from chat.services.tokens import token_issue
from chat.services.members import room_join
for name in {PEOPLE!r}:
    user = account_create(username=name, password=None).participant
    room_join(user=user, room={ROOM!r})
    print(name, token_issue(user=user, name="faults")[1])
"""
_ROWS = """
SELECT message.seq, message.rev, message.client_id, message.text
FROM chat_message message JOIN chat_room room ON room.id = message.room_id
WHERE room.slug = '{room}' AND message.kind = 'text' ORDER BY message.seq
"""

Tokens = Mapping[str, str]


@dataclass
class Site:
    """Started by `async with Site.on_sqlite()` or `Site.on_postgres(processes=2)`, and gone with the block."""

    env: dict[str, str]
    tokens: Tokens
    data_dir: Path
    processes: int = 1
    redis: RedisServer | None = None
    postgres: Postgres | None = None
    # `{port}` in it is replaced with the port.
    command: Sequence[str] = (PYTHON, "manage.py", "serve")
    # The hosts of the processes, used in turn.
    hosts: Sequence[Host] = (LOCAL,)
    # The checkout that a process is started from.
    build: Path = ROOT

    @classmethod
    def on_sqlite(cls, *, data_dir: Path | None = None, **settings: str) -> Self:
        """One process, its file, the layer in memory: what a newcomer runs."""
        file, tokens = _sqlite_with_people()
        folder = data_dir or scratch("site")
        shutil.copy(file, folder / file.name)
        return cls(NO_LIMITS | {"DATA_DIR": str(folder)} | settings, tokens, folder)

    @classmethod
    def on_postgres(cls, *, processes: int = 2, **settings: str) -> Self:
        """Several processes over a PostgreSQL that syncs to the disk, and a Redis of their own."""
        postgres, (template, tokens) = durable_postgres(), _postgres_with_people()
        folder, redis = scratch("site"), RedisServer()
        addresses = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": postgres.create_database(template=template),
            "REDIS_URL": redis.url,
        }
        return cls(NO_LIMITS | addresses | settings, tokens, folder, processes, redis, postgres)

    @classmethod
    def on_machines(cls, hosts: Mapping[str, Host], **settings: str) -> Self:
        """A process on each host called `server…`, and one host each for the `postgres` and the `redis` that they
        share."""
        postgres = Postgres(durable=True, host=hosts["postgres"])
        redis = RedisServer(host=hosts["redis"])
        servers = [host for name, host in hosts.items() if name.startswith("server")]
        folder, url = scratch("site"), postgres.create_database()
        make_tables(url)
        addresses = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "ALLOWED_HOSTS": ",".join(["127.0.0.1", *(host.address for host in hosts.values())]),
        }
        tokens = make_people(DATABASE_URL=url, DATA_DIR=str(folder))
        return cls(NO_LIMITS | addresses | settings, tokens, folder, len(servers), redis, postgres, hosts=servers)

    async def __aenter__(self) -> Self:
        self.ports = [free_port() for _ in range(self.processes)]
        starting = (self._start(number) for number in range(self.processes))
        started = await asyncio.gather(*starting, return_exceptions=True)
        self.servers = [server for server in started if isinstance(server, Server)]
        if failures := [failure for failure in started if isinstance(failure, BaseException)]:
            await self.__aexit__(None, None, None)
            raise failures[0]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            server.kill()
        if self.redis:
            self.redis.stop()

    async def start_again(self, number: int) -> None:
        """Start a process that has ended, at the same address."""
        self.servers[number] = await self._start(number)

    def url(self, number: int) -> str:
        return f"http://{self._host(number).address}:{self.ports[number % self.processes]}"

    def rows(self) -> list[Row]:
        """The messages of the room in the database, read without any of our own code."""
        return [Row(*row) for row in self.ask(_ROWS.format(room=ROOM))]

    def ask(self, query: str) -> list[Any]:
        if self.postgres:
            with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
                return connection.execute(query).fetchall()
        with sqlite3.connect(self.data_dir / "backchannel.sqlite3") as database:
            return database.execute(query).fetchall()

    @property
    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.data_dir.glob("*.log")))

    def metric(self, name: str) -> float:
        """The sum of a metric over all processes; `name` with its labels, as on the page."""
        found = 0.0
        for number in range(self.processes):
            with urllib.request.urlopen(f"{self.url(number)}/metrics", timeout=10) as page:
                lines = [line.rpartition(" ") for line in page.read().decode().splitlines()]
            found += sum(float(value) for key, _, value in lines if key == f"backchannel_{name}")
        return found

    def untold(self, **lines: str) -> list[str]:
        """Which of these metrics, and of the log lines that belong to them, an operator does not find."""
        metrics = [f"the metric {name} counts nothing" for name in lines if not self.metric(name)]
        return metrics + [f'no line of the log says "{line}"' for line in lines.values() if line not in self.logs]

    def manage(self, *arguments: str) -> str:
        return manage(*arguments, env=clean_environment(**self.env))

    async def _start(self, number: int) -> Server:
        host = self._host(number)
        env = clean_environment(**self.env, HOST=host.address, PORT=str(self.ports[number]))
        command = [part.replace("{port}", str(self.ports[number])) for part in self.command]
        return await asyncio.to_thread(
            Server,
            env=env,
            command=command,
            port=self.ports[number],
            data_dir=self.data_dir,
            host=host,
            build=self.build,
        )

    def _host(self, number: int) -> Host:
        return self.hosts[number % len(self.hosts)]


def memory(server: Server) -> float:
    """MiB that a process holds in memory."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@functools.cache
def durable_postgres() -> Postgres:
    """A server that loses no acknowledged commit by an immediate stop."""
    return Postgres(durable=True)


@functools.cache
def _sqlite_with_people() -> tuple[Path, Tokens]:
    folder = scratch("people")
    shutil.copy(migrated_sqlite(), folder / "backchannel.sqlite3")
    return folder / "backchannel.sqlite3", make_people(DATA_DIR=str(folder))


@functools.cache
def _postgres_with_people() -> tuple[str, Tokens]:
    url = durable_postgres().create_database()
    make_tables(url)
    return url.rsplit("/", 1)[1], make_people(DATABASE_URL=url, DATA_DIR=str(scratch("people")))


def make_people(build: Path = ROOT, /, **settings: str) -> Tokens:
    """Create the people in the database of these settings; returns a token of each."""
    env = clean_environment(**settings)
    lines = manage("shell", "-v0", "-c", _MAKE_PEOPLE, env=env, build=build).splitlines()
    return dict(line.split() for line in lines)
