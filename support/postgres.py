"""A private PostgreSQL on a free port, with nothing of the machine's own."""

import functools
import itertools
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from support.hosts import LOCAL, Host
from support.once import once
from support.processes import Child, free_port, ordinary_user, scratch
from support.programs import need

PACKAGE = "postgresql"


class Postgres:
    """Starts in under a second: the data is deleted with the run, so nothing is synced to disk unless `durable`."""

    def __init__(
        self,
        *,
        durable: bool = False,
        locales: Path | None = None,
        host: Host = LOCAL,
        primary: "Postgres | None" = None,
    ) -> None:
        """`locales`: a folder of compiled locales, instead of the machine's. On another `host` its whole network may
        connect. With a `primary` this is a standby of it, until `promote`."""
        postgres = need("postgres", package=PACKAGE)
        folder = scratch("postgres")
        data = folder / "data"
        user = ordinary_user()
        if user:
            shutil.chown(folder, user)
        if primary:
            _run(_copy(primary, data))
        elif locales:
            _run(_make(data))
        else:
            # Making a data folder takes a second of a core.
            subprocess.run(["cp", "-a", once("postgres", _made), data], check=True)
        self.host, self.port = host, free_port()
        if host is not LOCAL:
            with (data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")
        settings = {
            "listen_addresses": host.address,
            "unix_socket_directories": folder,
            "max_connections": 200,
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        options = itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in settings.items())
        self._command = host.command([postgres, "-D", data, "-p", str(self.port), *options], user=user)
        self._user = host.user(user)
        self._env = {"PATH": os.defpath} | ({"LOCPATH": str(locales)} if locales else {})
        self._log = folder / "log"
        self._log.touch()
        self._numbers = itertools.count(1)
        self._durable = durable
        # The URLs of databases that equal `template1` and have no settings of their own.
        self._plain: set[str] = set()
        _servers.append(self)
        self.start()

    def start(self) -> None:
        self.child = Child(self._command, log=self._log, env=self._env, user=self._user)
        self.child.wait_until(self._ready)

    def url(self, name: str = "postgres") -> str:
        return f"postgres://backchannel@{self.host.address}:{self.port}/{name}"

    def create_database(
        self, *, name: str = "", template: str = "template1", options: str = "", **defaults: str
    ) -> str:
        """Make a database; returns its URL. `options`: of CREATE DATABASE; `defaults`: settings of its sessions."""
        name = name or f"backchannel_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
            for setting, value in defaults.items():
                connection.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
            if self._durable:
                # After an immediate stop it would write the whole copy again before it answers: on a busy machine more
                # than half a minute.
                connection.execute("CHECKPOINT")
        if (template, options, defaults) == ("template1", "", {}):
            self._plain.add(self.url(name))
        return self.url(name)

    def fill(self, url: str, *, template: str) -> None:
        """Make a plain database again, as a copy of another: a tenth of the time that its statements take."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._plain.discard(url)

    @staticmethod
    def of_plain(url: str) -> "Postgres | None":
        """The server of a plain database that nothing was copied into yet."""
        return next((server for server in _servers if url in server._plain), None)

    def stop(self) -> None:
        """Stop at once: connections break, and unless it is `durable` the last writes may be lost."""
        self.child.stop(signal.SIGQUIT)

    def wait_for_standby(self) -> None:
        """From now on, acknowledge a commit once a standby has it on disk. Returns when a standby is connected."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")

            def there() -> bool:
                found = connection.execute("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                return found.fetchone() == (1,)

            self.child.wait_until(there)

    def promote(self) -> None:
        """Make this standby the primary."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")

    def _ready(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


_servers: list[Postgres] = []


def _made(path: Path) -> None:
    # First in a folder that its user may enter.
    folder = scratch("initdb")
    if user := ordinary_user():
        shutil.chown(folder, user)
    _run(_make(folder / "data"))
    subprocess.run(["cp", "-a", folder / "data", path], check=True)


def _run(command: list[str | Path]) -> None:
    user = ordinary_user()
    extra: list[str] | None = [] if user else None
    subprocess.run(command, check=True, capture_output=True, cwd="/tmp", user=user, extra_groups=extra)


def _make(data: Path) -> list[str | Path]:
    initdb = need("initdb", package=PACKAGE)
    return [initdb, "--no-sync", "--auth=trust", "--encoding=UTF8", "--no-locale", "-U", "backchannel", "-D", data]


def _copy(primary: Postgres, data: Path) -> list[str | Path]:
    copy = need("pg_basebackup", package=PACKAGE)
    return [copy, "--dbname", primary.url(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "-D", data]


@functools.cache
def shared_postgres() -> Postgres:
    """The one server of this run."""
    return Postgres()
