"""Reading the environment: every setting is checked here, and a bad value stops the start with one line."""

import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import environ

_env = environ.Env()


class Rate(NamedTuple):
    """So many events in so many seconds; `events` 0 means no limit."""

    events: int
    seconds: float


def refuse(name: str, expected: str, got: object) -> NoReturn:
    raise SystemExit(f"Backchannel cannot start: {name} must be {expected}, not {got!r}.")


def text(name: str, default: str = "") -> str:
    return str(_env.str(name, default)).strip()


def flag(name: str, default: bool = False) -> bool:
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"", "0", "false", "no", "off"}:
        return False
    refuse(name, "1 or 0", raw)


def number(name: str, default: int, *, low: int = 0, high: int = 2**31 - 1) -> int:
    raw = text(name, str(default)) or str(default)
    if not raw.isascii() or not raw.isdigit() or len(raw) > 10 or not low <= int(raw) <= high:
        refuse(name, f"a whole number from {low} to {high}", raw)
    return int(raw)


def choice(name: str, options: Sequence[str], default: str) -> str:
    raw = text(name, default) or default
    if raw not in options:
        refuse(name, "one of " + ", ".join(options), raw)
    return raw


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def rate(name: str, default: str) -> Rate:
    """Read `30/10s`: 30 events in 10 seconds. `0` switches the limit off."""
    raw = text(name, default) or default
    if raw == "0":
        return Rate(0, 0.0)
    match = re.fullmatch(r"(\d{1,7})/(\d{1,5})?([smh])", raw, re.ASCII)
    if match is None or int(match[1]) == 0 or match[2] == "0":
        refuse(name, "a rate such as 30/10s, or 0 for no limit", raw)
    return Rate(int(match[1]), int(match[2] or 1) * {"s": 1.0, "m": 60.0, "h": 3600.0}[match[3]])


def database(name: str, data_dir: Path) -> dict[str, Any]:
    """The default database: an SQLite file in `data_dir`, or what the address says (`postgres://…`)."""
    raw = text(name) or f"sqlite:///{data_dir / 'backchannel.sqlite3'}"
    try:
        config: dict[str, Any] = environ.Env.db_url_config(raw)
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        config = {}
    if config.get("ENGINE") not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
        # The address may hold a password, so only its scheme is told.
        refuse(name, "sqlite:///path or postgres://user:password@host/name", raw.partition(":")[0] + ":…")
    return config


def secret(name: str, data_dir: Path) -> str:
    """The secret key: from the environment, else one that is made once and kept in `data_dir`."""
    if given := text(name):
        return given
    path = data_dir / "secret_key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with open(path, "x", opener=_private) as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    except OSError as error:
        refuse("DATA_DIR", "a folder that can be written", f"{data_dir} ({error.strerror})")
    return path.read_text().strip()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
