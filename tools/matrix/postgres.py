"""PostgreSQL with the locales that operators have."""

import functools
import subprocess
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg

from support.postgres import Postgres
from support.processes import scratch
from support.servers import migrate
from tools.faults.site import NO_LIMITS, Site, make_people
from tools.matrix.row import NotRun, Outcome
from tools.matrix.trial import converse, program


def locale(options: str, *, libc: str = "") -> Callable[[], Coroutine[Any, Any, Outcome]]:
    """One server process on a database made with `options`; `libc`: a locale that localedef compiles for it."""

    async def run() -> Outcome:
        program("initdb", reason="postgresql is not installed")
        postgres = _postgres(libc)
        url = postgres.create_database(template="template0", options=f"{options} ENCODING 'UTF8'")
        migrate(url)
        with psycopg.connect(url) as connection:
            version = connection.info.parameter_status("server_version") or "unknown"
        folder = scratch("site")
        settings = {"DATA_DIR": str(folder), "DATABASE_URL": url}
        site = Site(NO_LIMITS | settings, make_people(**settings), folder, postgres=postgres)
        return await converse(site, version=version.split()[0])

    return run


@functools.cache
def _postgres(libc: str) -> Postgres:
    """A server that knows this locale, even if the machine does not."""
    if not libc:
        return Postgres(durable=True)
    folder = scratch("locales")
    folder.chmod(0o755)
    name, _, charset = libc.partition(".")
    localedef = program("localedef")
    done = subprocess.run(
        [localedef, "-i", name, "-f", charset, folder / libc], capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        raise NotRun(f"localedef cannot make {libc}: install Debian's package locales")
    return Postgres(durable=True, locales=folder)
