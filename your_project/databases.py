"""`DATABASE_URL`: an SQLite file or a PostgreSQL database, as Django's settings want it."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from your_project.env import address, private, refuse

EXAMPLE = "sqlite:////path/of/a/file or postgres://user:password@host/name"
_SECONDS = ("connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")
# During an outage the pool tries again this often: by itself it doubles the time between two attempts, up to minutes.
RECONNECT_SECONDS = 0.5


def database(name: str, data_dir: Path, *, timeout: int = 4, threads: int = 8) -> dict[str, Any]:
    """The default database: a file in `data_dir`, or what the address says.

    Args:
        timeout: seconds a statement waits; 0 for no limit.
        threads: of one process that do database work; it has at most twice as many connections.
    """
    raw = address(name, ["sqlite", "postgres", "postgresql"], EXAMPLE)
    if not raw:
        return _file(data_dir / "backchannel.sqlite3", name, {"timeout": timeout})
    if raw.startswith("sqlite:"):
        return _sqlite(raw, name, timeout)
    return _postgresql(raw, name, timeout, threads)


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
    """The file is created here, before SQLite would, readable by no one else; its journals take over the mode."""
    try:
        with suppress(FileExistsError), open(path, "x", opener=private):
            pass
    except (OSError, ValueError) as error:
        refuse(name, "the path of a file that can be written", f"{path} ({getattr(error, 'strerror', error)})")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": options
        | {
            # IMMEDIATE: a transaction that reads and then writes waits for its turn instead of failing at once.
            "transaction_mode": "IMMEDIATE",
            # FULL: an acknowledged message survives a power cut; group commit pays the sync once a batch.
            # 0.25 MB of pages for each of the database threads, not 16: what all of them may keep is memory of the
            # process that one person's questions fill, and the system keeps the file in memory anyway.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-250;",
        },
        "TEST": {"NAME": str(path.with_name("test.sqlite3"))},
    }


def _postgresql(raw: str, name: str, timeout: int, threads: int) -> dict[str, Any]:
    """Read as psql reads it: several hosts, sockets (`%2Frun%2Fpostgresql`), and every option of libpq."""
    from psycopg_pool import ConnectionPool

    kept: dict[str, Any] = _conninfo(raw, name)
    limits = {
        "statement_timeout": f"{timeout}s",
        "lock_timeout": f"{timeout}s",
        # For statements outside a transaction; those inside name it themselves.
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
            # When packets vanish, no statement ends by the server's clock: these end the connection.
            "tcp_user_timeout": 1000 * timeout,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
        }
        | kept
        | {
            # The last one of a name counts.
            "options": f"{base['options']} {ours}".strip(),
            # Each process holds at most this many connections: the sockets' threads and as many for pages.
            "pool": {
                "min_size": 1,
                "max_size": 2 * threads,
                "timeout": timeout or 30,
                "reconnect_timeout": RECONNECT_SECONDS,
                # After that time it gives up, and those who wait already would wait in vain: it shall go on.
                "reconnect_failed": ConnectionPool.check,
            },
            # Posting waits for row locks and then reads what the one before it wrote (1: read committed).
            "isolation_level": 2,
        },
    }


def _conninfo(raw: str, name: str) -> dict[str, str]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    # A password may have an @ that was not written as %40: the last one ends it.
    scheme, _, rest = raw.partition("://")
    authority, slash, tail = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    tidy = f"{scheme}://{credentials.replace('@', '%40')}{at}{hosts}{slash}{tail}"
    try:
        given = {key: str(value) for key, value in conninfo_to_dict(tidy).items() if value is not None}
    except ProgrammingError as error:
        # Its message may quote the password.
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
