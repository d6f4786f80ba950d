"""Reads settings from the environment. A bad value ends the start with one line (SystemExit)."""

import difflib
import errno
import fcntl
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import environ

from chat.lib import push_keys
from chat.lib.amounts import Rate, rate_of, size_of

# The names read so far: the settings that exist.
_asked: set[str] = set()
# Names with the prefix of a setting that are no settings: the Python client reads two of them, and Kubernetes sets the
# others in each container beside a service named "chat".
_NOT_OURS = re.compile(r"CHAT_(TOKEN|PASSWORD|SERVICE_HOST|(SERVICE_)?PORT(_.+)?)")
_PREFIXES = ("DJANGO_", "BACKCHANNEL_", "CHAT_")
# Similarity by difflib: LOGLEVEL and REDIS_URI are above it, HOSTNAME and DATABASE_NAME below.
NEAR = 0.82


def refuse(name: str, expected: str, got: object) -> NoReturn:
    """End the process with a line that names the setting, what it must be, and its value."""
    sentence = f"Backchannel cannot start: {name} must be {expected}, not {got!r}."
    if os.environ.get("LOG_FORMAT", "").strip() == "json":
        # Logging is configured after the settings, but a log collector expects JSON from the first line on.
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        sentence = json.dumps({"event": sentence, "level": "critical", "logger": __name__, "timestamp": now})
    raise SystemExit(sentence)


def text(name: str, default: str = "") -> str:
    """Read a string. An empty value counts as not set: compose files pass absent variables as empty ones."""
    _asked.add(name)
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """Read a boolean: 1, true, yes, on or 0, false, no, off."""
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"", "0", "false", "no", "off"}:
        return False
    refuse(name, "1 or 0", raw)


def number(name: str, default: int, *, low: int = 0, high: int = 2**31 - 1) -> int:
    """Read a whole number from `low` to `high`."""
    raw = text(name, str(default))
    if not raw.isascii() or not raw.isdigit() or len(raw) > 10 or not low <= int(raw) <= high:
        refuse(name, f"a whole number from {low} to {high}", raw)
    return int(raw)


def choice(name: str, options: Sequence[str], default: str) -> str:
    """Read one of `options`."""
    raw = text(name, default)
    if raw not in options:
        refuse(name, "one of " + ", ".join(options), raw)
    return raw


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """Read a comma-separated list of strings."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def rate(name: str, default: str) -> Rate:
    """Read a rate such as `30/10s`: 30 events in 10 seconds. `0` means no limit."""
    raw = text(name, default)
    try:
        return rate_of(raw)
    except ValueError as expected:
        refuse(name, str(expected), raw)


def size(name: str, default: str) -> int:
    """Read a number of bytes such as `25MB` (25 x 1024 x 1024), or with KB, GB, TB; `0` means no limit."""
    raw = text(name, default)
    try:
        return size_of(raw)
    except ValueError as expected:
        refuse(name, str(expected), raw)


def folder(name: str, default: str, *, base: Path) -> Path:
    """Read a folder, relative to `base`; it is created, and must be writable."""
    path = base / Path(text(name, default)).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        refuse(name, "a folder that can be written", f"{path} ({error.strerror})")
    return path


def address(name: str, schemes: Sequence[str], example: str) -> str:
    """Read a URL with one of `schemes`; `example` is part of the error."""
    raw = text(name)
    scheme, separator, _ = raw.partition("://")
    if raw and (not separator or scheme not in schemes):
        # It may contain a password, so only its scheme is printed.
        refuse(name, example, f"{scheme}://…" if separator else "something without ://")
    return raw


def given(names: Sequence[str]) -> list[str]:
    """Return the names that are set and not empty."""
    return [name for name in names if text(name)]


def unknown(names: Iterable[str]) -> dict[str, str]:
    """Return the `names` that look like a setting but are not -> the most similar setting, or an empty string. Call it
    after all settings have been read."""
    found = {}
    for name in names:
        nearest = "" if name in _asked else _nearest(name)
        if name not in _asked and (nearest or name.startswith("CHAT_")) and not _NOT_OURS.fullmatch(name):
            found[name] = nearest
    return found


def _nearest(name: str) -> str:
    upper = name.upper().replace("-", "_")
    bare = next((upper.removeprefix(prefix) for prefix in _PREFIXES if upper.startswith(prefix)), upper)
    # Short names such as PORT and HOST are similar to variables of other programs: only compare them exactly.
    long = [known for known in _asked if len(known) > 5 or bare != upper]
    for spelled in (upper, bare, f"CHAT_{bare}"):
        if spelled in long:
            return spelled
    near = difflib.get_close_matches(upper, long, n=1, cutoff=NEAR) or difflib.get_close_matches(
        bare, [known for known in long if len(known) > 5], n=1, cutoff=NEAR
    )
    return near[0] if near else ""


def mail(name: str) -> dict[str, Any]:
    """Return Django's settings for sending e-mail; without an address, e-mails are written to the terminal."""
    example = "smtp+tls://user:password@host:587"
    raw = address(name, ["smtp", "smtp+tls", "smtp+ssl", "consolemail", "filemail"], example)
    try:
        config: dict[str, Any] = environ.Env.email_url_config(raw or "consolemail://")
    except ValueError:
        refuse(name, example, "an address that cannot be read")
    if raw.startswith("smtp") and not config["EMAIL_HOST"]:
        refuse(name, example, "an address without a host")
    return config


def secret(name: str, data_dir: Path) -> str:
    """Return the secret key: from the environment, or else generated once and stored in `data_dir`."""
    return text(name) or _kept(data_dir / "secret_key", lambda: secrets.token_urlsafe(50))


def push_key(name: str, data_dir: Path) -> str:
    """Return the private key of Web Push, stored in the same way."""
    key = text(name) or _kept(data_dir / "push_key", push_keys.new_private_key)
    return push_keys_checked(name, [key])[0]


def push_keys_checked(name: str, keys: list[str]) -> list[str]:
    """Return the `keys`, after checking that each is a private key of Web Push."""
    if not all(map(push_keys.is_private_key, keys)):
        # A secret: it is not printed.
        refuse(name, "32 bytes of base64url, a private key on P-256", "something else")
    return keys


def _kept(path: Path, make: Callable[[], str]) -> str:
    if path.exists() and (kept := path.read_text().strip()):
        return kept
    # When several processes start at once, one writes it and the others wait for it.
    with open(path, "a+", opener=private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if not (kept := file.read().strip()):
            kept = make()
            file.write(kept)
    return kept


def private(path: str, flags: int) -> int:
    """An opener for `open` that creates files readable by their owner only."""
    return os.open(path, flags, 0o600)
