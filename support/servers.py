"""Our own server, started as an operator starts it: another process, a port, a folder for its data."""

import functools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psycopg
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from support import forks
from support.hosts import LOCAL, Host
from support.nginx import Nginx
from support.once import STATIC_DIR, kept, once
from support.password import PASSWORD
from support.postgres import Postgres, shared_postgres
from support.processes import Child, free_port, scratch
from support.programs import need
from support.redis import RedisServer

__all__ = ["Nginx", "Postgres", "RedisServer", "Server", "free_port", "shared_postgres", "start_server"]

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
# What a server inherits of our own environment: nothing that could be a setting.
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
# The first participant's id differs from the first login's, so that a test fails where code confuses the two.
PARTICIPANTS_FROM = 1001
# The sources of the tables: migrations, what those import, and the models, which have permissions.
_TABLES = (
    *("*/migrations/*.py", "*/models.py", "*/models/*.py", "chat/lib/*.py", "requirements.txt"),
    *("support/servers.py", "your_project/settings.py"),
)
_MAKE_PEOPLE = """
import json
from accounts.models import User
from accounts.services import account_create
from chat.services.tokens import token_issue
people = [account_create(username=name, password=None).participant for name in {names!r}]
User.objects.filter(participant__in=people).update(password={password!r})
print(json.dumps({{user.username: token_issue(user=user, name="test")[1] for user in people}}))
"""
_COLLECT = """
from django.conf import settings
from your_project.static_files import collect
assert collect()
print(settings.STATIC_ROOT)
"""


def clean_environment(**settings: str) -> dict[str, str]:
    """An environment with these settings and no others. Static files are collected once for all servers."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1", "STATIC_DIR": str(STATIC_DIR)} | settings


def manage(*arguments: str, env: Mapping[str, str], stdin: str | None = None, build: Path = ROOT) -> str:
    """Run a management command of a build to its end; returns what it printed, raises with its errors when it fails."""
    done = forks.run([PYTHON, "manage.py", *arguments], env=env, cwd=build, stdin=stdin)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


@functools.cache
def _hash() -> str:
    """The hash of the one password: made once per run, since hashing takes half a second."""

    def make(path: Path) -> None:
        hasher = PBKDF2PasswordHasher()
        path.write_text(hasher.encode(PASSWORD, hasher.salt()))

    return once("password", make).read_text()


class Server:
    """One running server process. `with start_server() as server: …` stops it after the block."""

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        command: Sequence[str],
        port: int,
        data_dir: Path,
        host: Host = LOCAL,
        build: Path = ROOT,
    ) -> None:
        self.env = dict(env)
        self.host, self.port = host, port
        self.data_dir = data_dir
        self.child = Child(host.command(command), log=data_dir / "server.log", env=self.env, cwd=build)
        self.child.wait_until(self._answers)

    @property
    def url(self) -> str:
        return f"http://{self.host.address}:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://{self.host.address}:{self.port}"

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def log(self) -> str:
        return self.child.output()

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """A management command on this server's database."""
        return manage(*arguments, env=self.env, stdin=stdin)

    def make_people(self, *names: str) -> dict[str, str]:
        """Make accounts with the one password of the tests; returns an API token of each. The first of all is the
        administrator."""
        made = self.manage("shell", "-v0", "-c", _MAKE_PEOPLE.format(names=names, password=_hash()))
        return dict(json.loads(made.splitlines()[-1]))

    def stop(self) -> int:
        """SIGTERM, as systemd and docker do; returns the exit code."""
        return self.child.stop()

    def kill(self) -> None:
        self.child.kill()

    def pause(self) -> None:
        self.child.pause()

    def resume(self) -> None:
        self.child.resume()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return True  # it answers, with whatever status
        except OSError:
            return False
        return True

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def start_server(
    *, env: Mapping[str, str] | None = None, command: Sequence[str] | None = None, data_dir: Path | None = None
) -> Server:
    """Start a server with these settings and wait until it answers.

    Without `DATABASE_URL` it has an SQLite file of its own. Give two servers the same `DATABASE_URL` and
    `REDIS_URL` to make them one service, or one the `data_dir` and `PORT` of another to start that again.
    `{port}` in `command` becomes its port.
    """
    static_files()
    given = dict(env or {})
    port = int(given.get("PORT") or free_port())
    folder = data_dir or scratch("server")
    # All clients of a test share one address.
    settings = clean_environment(HOST="127.0.0.1", PORT=str(port), DATA_DIR=str(folder), CHAT_CONNECT_LIMIT="0")
    # A page on the internet would change a message whenever it answers.
    settings |= {"CHAT_PREVIEWS": "0"} | given
    if "DATABASE_URL" in settings:
        make_tables(settings["DATABASE_URL"])
    elif not (folder / "backchannel.sqlite3").exists():
        shutil.copy(migrated_sqlite(), folder / "backchannel.sqlite3")
    parts = command or [PYTHON, "manage.py", "serve"]
    return Server(
        env=settings, command=[part.replace("{port}", str(port)) for part in parts], port=port, data_dir=folder
    )


@functools.cache
def static_files() -> Path:
    """The folder with the files of this version, collected beforehand, because on a busy machine it takes longer than a
    server may take to answer."""
    env = clean_environment(DATA_DIR=str(scratch("static")))
    return Path(manage("shell", "-v0", "-c", _COLLECT, env=env).splitlines()[-1])


@functools.cache
def migrate(database_url: str) -> None:
    """Make every table of a PostgreSQL database, as an operator does."""
    settings = clean_environment(DATABASE_URL=database_url, DATA_DIR=str(scratch("migrate")))
    manage("migrate", "-v0", "--skip-checks", env=settings)


@functools.cache
def make_tables(database_url: str) -> None:
    """Make every table of a PostgreSQL database, from a dump of the first one of the run: a migration takes seconds."""

    def dump(path: Path) -> None:
        migrate(database_url)
        with psycopg.connect(database_url) as connection:
            connection.execute(f"ALTER SEQUENCE chat_participant_id_seq RESTART WITH {PARTICIPANTS_FROM}")
        program = need("pg_dump", package="postgresql-client")
        subprocess.run([program, "--no-owner", "--file", path, database_url], check=True)

    dumped = kept("migrated.sql", dump, of=_TABLES)
    with psycopg.connect(database_url) as connection:
        empty = connection.execute("SELECT to_regclass('django_migrations') IS NULL").fetchone() == (True,)
    if not empty:
        return
    if server := Postgres.of_plain(database_url):
        server.fill(database_url, template=_template(server, dumped))
    else:
        _restore(dumped, database_url)


@functools.cache
def _template(server: Postgres, dumped: Path) -> str:
    """The name of a database of this server with every table, which no one connects to."""
    url = server.create_database()
    _restore(dumped, url)
    return url.rpartition("/")[2]


def _restore(dumped: Path, database_url: str) -> None:
    program = need("psql", package="postgresql-client")
    options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={dumped}"]
    subprocess.run([program, *options, database_url], check=True, stdout=subprocess.DEVNULL)


@functools.cache
def migrated_sqlite() -> Path:
    """An SQLite file with every table, made once and copied for each server: a migration takes seconds."""

    def make(path: Path) -> None:
        folder = scratch("sqlite")
        manage("migrate", "-v0", "--skip-checks", env=clean_environment(DATA_DIR=str(folder)))
        with sqlite3.connect(folder / "backchannel.sqlite3") as connection:
            sequence = ("chat_participant", PARTICIPANTS_FROM - 1)
            connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", sequence)
        connection.close()
        shutil.copy(folder / "backchannel.sqlite3", path)

    return kept("migrated.sqlite3", make, of=_TABLES)
