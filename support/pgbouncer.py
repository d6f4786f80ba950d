"""PgBouncer in transaction mode before a PostgreSQL server."""

import shutil

from support.postgres import Postgres
from support.processes import Child, answers, free_port, ordinary_user, scratch
from support.programs import need


class PgBouncer:
    def __init__(self, postgres: Postgres, *, ignore: str = "") -> None:
        """`ignore`: its setting `ignore_startup_parameters`."""
        folder, self._user = scratch("pgbouncer"), ordinary_user()
        self.port = free_port()
        (folder / "users").write_text('"backchannel" ""\n')
        (folder / "pgbouncer.ini").write_text(
            f"""[databases]
* = host=127.0.0.1 port={postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
ignore_startup_parameters = {ignore}
"""
        )
        self._log = folder / "log"
        self._log.touch()
        if self._user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, self._user)
        self._command = [need("pgbouncer", package="pgbouncer"), folder / "pgbouncer.ini"]
        self.start()

    def start(self) -> None:
        self.child = Child(self._command, log=self._log, user=self._user)
        self.child.wait_until(lambda: answers(self.port))

    def url(self, database: str) -> str:
        """The URL of `database` here; `database` is its URL on the server itself."""
        return f"postgres://backchannel@127.0.0.1:{self.port}/{database.rpartition('/')[2]}"
