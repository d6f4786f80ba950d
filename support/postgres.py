"""A private PostgreSQL on a free port, with nothing of the machine's own."""

import functools
import itertools
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from support.processes import Child, free_port, ordinary_user, scratch
from support.programs import need

PACKAGE = "postgresql"


class Postgres:
    """Starts in under a second: the data is thrown away with the run, so nothing is synced to disk unless `durable`."""

    def __init__(self, *, durable: bool = False, locales: Path | None = None) -> None:
        """`locales`: a folder of compiled ones, instead of those of the machine."""
        initdb, postgres = need("initdb", package=PACKAGE), need("postgres", package=PACKAGE)
        folder = scratch("postgres")
        data = folder / "data"
        user = ordinary_user()
        if user:
            shutil.chown(folder, user)
        subprocess.run(
            [initdb, "--no-sync", "--auth=trust", "--encoding=UTF8", "--no-locale", "-U", "backchannel", "-D", data],
            check=True,
            capture_output=True,
            cwd="/tmp",
            user=user,
            extra_groups=[] if user else None,
        )
        self.port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "max_connections": 200,
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        options = itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in settings.items())
        self._command: list[str | Path] = [postgres, "-D", data, "-p", str(self.port), *options]
        self._env = {"PATH": os.defpath} | ({"LOCPATH": str(locales)} if locales else {})
        self._log = folder / "log"
        self._log.touch()
        self._numbers = itertools.count(1)
        self.start()

    def start(self) -> None:
        self.child = Child(self._command, log=self._log, env=self._env, user=ordinary_user())
        self.child.wait_until(self._ready)

    def url(self, name: str = "postgres") -> str:
        return f"postgres://backchannel@127.0.0.1:{self.port}/{name}"

    def create_database(
        self, *, name: str = "", template: str = "template1", options: str = "", **defaults: str
    ) -> str:
        """A new database; returns its address. `options` as CREATE DATABASE has them, `defaults` of its sessions."""
        name = name or f"backchannel_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {options}")
            for setting, value in defaults.items():
                connection.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
        return self.url(name)

    def stop(self) -> None:
        """Immediate: connections break, and of what is not `durable` the last may be lost."""
        self.child.stop(signal.SIGQUIT)

    def _ready(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@functools.cache
def shared_postgres() -> Postgres:
    """The one server of this run."""
    return Postgres()
