"""Django's database settings from `DATABASE_URL`: an SQLite file or a PostgreSQL database."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from your_project.env import address, private, refuse

EXAMPLE = "sqlite:////path/of/a/file or postgres://user:password@host/name"
_SECONDS = ("connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")
# Connections of a process for its pages, in addition to one for each database thread of its sockets.
PAGE_CONNECTIONS = 8
# Seconds between two attempts of the pool to reconnect; by default, it doubles them up to minutes.
RECONNECT_SECONDS = 0.5


def database(name: str, data_dir: Path, *, timeout: int = 4, threads: int = 4) -> dict[str, Any]:
    """Return the settings of the default database: from the variable `name`, or a file in `data_dir`.

    Args:
        timeout: seconds that a statement may wait; 0 means no limit.
        threads: the process' threads for database work; the pool has at most PAGE_CONNECTIONS more connections.

    Raises:
        SystemExit: with one line, when the address is wrong.
    """
    raw = address(name, ["sqlite", "postgres", "postgresql"], EXAMPLE)
    if not raw:
        return _file(data_dir / "backchannel.sqlite3", name, {"timeout": timeout})
    if raw.startswith("sqlite:"):
        return _sqlite(raw, name, timeout)
    return _postgresql(raw, name, timeout, threads)


def is_postgresql(name: str) -> bool:
    """Return whether the variable `name` holds the address of a PostgreSQL database."""
    return address(name, ["sqlite", "postgres", "postgresql"], EXAMPLE).startswith("postgres")


def _sqlite(raw: str, name: str, timeout: int) -> dict[str, Any]:
    parts = urlsplit(raw)
    path = unquote(parts.path.removeprefix("/"))
    if path in {"", ":memory:"} or parts.netloc:
        refuse(name, EXAMPLE, "an address without a path")
    options: dict[str, float] = {"timeout": timeout}
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if key != "timeout" or not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value, re.ASCII):
            refuse(name, "the path of a file, with no option but ?timeout=SECONDS", f"one with {key}")
        options["timeout"] = float(value)
    return _file(Path(path), name, options)


def _file(path: Path, name: str, options: dict[str, float]) -> dict[str, Any]:
    """Create the file before SQLite does, readable by its owner only; SQLite's journals get the same mode."""
    try:
        with suppress(FileExistsError), open(path, "x", opener=private):
            pass
    except (OSError, ValueError) as error:
        refuse(name, "the path of a file that can be written", f"{path} ({getattr(error, 'strerror', error)})")
    return {
        "ENGINE": "your_project.sqlite",
        "NAME": str(path),
        "OPTIONS": options
        | {
            # IMMEDIATE: a transaction that reads and then writes waits for the lock instead of failing at once.
            "transaction_mode": "IMMEDIATE",
            # FULL: an acknowledged message survives a power cut; group commit pays for one sync per batch.
            # 0.25 MB of cache per thread instead of 16: one user's reads could fill the caches of all threads, and the
            # OS caches the file anyway.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-250;",
        },
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


def _postgresql(raw: str, name: str, timeout: int, threads: int) -> dict[str, Any]:
    """Parse the address like psql: several hosts, unix sockets (`%2Frun%2Fpostgresql`), and every libpq option."""
    from psycopg_pool import ConnectionPool

    kept: dict[str, Any] = _conninfo(raw, name)
    limits = {
        "statement_timeout": f"{timeout}s",
        "lock_timeout": f"{timeout}s",
        # For statements outside a transaction; Django sets it for each transaction.
        "default_transaction_isolation": r"read\ committed",
    }
    ours = " ".join(f"-c {key}={value}" for key, value in limits.items())
    base = {key: kept.pop(key, "") for key in ("dbname", "user", "password", "host", "port", "options")}
    return {
        "ENGINE": "your_project.postgresql",
        "NAME": base["dbname"],
        "USER": base["user"],
        "PASSWORD": base["password"],
        "HOST": base["host"],
        "PORT": base["port"],
        "OPTIONS": {
            "connect_timeout": timeout or 30,
            # When packets are lost, the server's timeout error does not arrive: these options end the connection.
            "tcp_user_timeout": 1000 * timeout,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
        }
        | kept
        | {
            # Ours come last: of two equal options, the last one applies. Except JIT, which an address may turn on:
            # compiling the unread counts of 500 rooms took 200 ms, and running them 20 ms.
            "options": f"-c jit=off {base['options']} {ours}",
            "pool": {
                "min_size": 1,
                "max_size": threads + PAGE_CONNECTIONS,
                "timeout": timeout or 30,
                "reconnect_timeout": RECONNECT_SECONDS,
                # After `reconnect_timeout` the pool stops trying; this makes it start again.
                "reconnect_failed": ConnectionPool.check,
            },
            # READ COMMITTED: posting waits for a row lock, and then reads what its last holder wrote.
            "isolation_level": 2,
        },
    }


def _conninfo(raw: str, name: str) -> dict[str, str]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    # A password may contain an unescaped @: the last @ separates it from the host.
    scheme, _, rest = raw.partition("://")
    authority, slash, tail = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    tidy = f"{scheme}://{credentials.replace('@', '%40')}{at}{hosts}{slash}{tail}"
    try:
        given = {key: str(value) for key, value in conninfo_to_dict(tidy).items() if value is not None}
    except ProgrammingError as error:
        # The error's text may contain the password.
        unknown = re.search(r'invalid URI query parameter: "(\w+)"', str(error))
        got = f"one with the unknown option {unknown[1]}" if unknown else "an address that cannot be read"
        refuse(name, EXAMPLE, got)
    if not given.get("dbname") and not given.get("service"):
        refuse(name, EXAMPLE, "an address without a name")
    ports = given.get("port", "").split(",")
    wrong = [port for port in ports if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)]
    if wrong:
        refuse(name, EXAMPLE, "an address with a port that is no number")
    if unread := [key for key in _SECONDS if not re.fullmatch(r"\d{1,9}", given.get(key, "0"), re.ASCII)]:
        refuse(name, EXAMPLE, f"one whose {unread[0]} is no number")
    return given
