"""The settings of the chat inside another project: `CHAT`, a dict in which every entry has a default.

The chat reads Django settings with the prefix `CHAT_`, so that they do not collide with the project's own settings.
When the apps are loaded, `apply` sets each of them: from the entry of `CHAT` without the prefix, or else from the
project's setting of that name, or else to the default.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from chat.lib.amounts import Rate, rate_of, size_of
from chat.lib.push_keys import derived_private_key

STATIC = Path(__file__).parent / "static"
# Entries of `CHAT` that are read where they are used: the project's functions.
FUNCTIONS = {"HANDLE", "POLICY"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of `CHAT`: its Django setting, its default as a project would write it, and the function to read it."""

    setting: str
    default: Any
    read: Callable[[Any], Any] = lambda value: value


def _rate(value: Any) -> Rate:
    return value if isinstance(value, Rate) else rate_of(str(value))


def _size(value: Any) -> int:
    return value if isinstance(value, int) else size_of(str(value))


def _chat(name: str, default: Any, read: Callable[[Any], Any] = lambda value: value) -> tuple[str, Entry]:
    return name, Entry(f"CHAT_{name}", default, read)


ENTRIES: Mapping[str, Entry] = dict(
    [
        _chat("SEND_LIMIT", "30/10s", _rate),
        _chat("CONNECT_LIMIT", "3000/60s", _rate),
        _chat("SIGN_IN_LIMIT", "300/5m", _rate),
        _chat("SIGN_UP_LIMIT", "1000/1h", _rate),
        _chat("INVITE_LIMIT", "100/1h", _rate),
        _chat("ROOM_LIMIT", "30/1h", _rate),
        _chat("API_LIMIT", "600/1m", _rate),
        _chat("ROOMS_OWNED", 500),
        _chat("SOCKETS_PER_USER", 20),
        _chat("SOCKETS_PER_PROCESS", 0),
        _chat("DRAIN_SECONDS", 5),
        _chat("PING_SECONDS", 20),
        _chat("DEFLATE", False),
        _chat("MESSAGE_MAX_CHARS", 10_000),
        _chat("FRAME_MAX_BYTES", 65_536),
        _chat("HISTORY_PAGE", 50),
        _chat("KEEP_DAYS", 0),
        # 0: no files, since they need `chat.routing.taking_files` around the project's application.
        _chat("FILES_PER_MESSAGE", 0),
        _chat("FILE_MAX", "25MB", _size),
        _chat("FILE_QUOTA", "5GB", _size),
        _chat("FILE_QUOTA_TOTAL", "0", _size),
        _chat("FILE_SCANNER", ""),
        _chat("IMPORT_DIR", ""),
        _chat("IMPORT_MAX", "20GB", _size),
        _chat("FILE_SCAN_REQUIRED", True),
        _chat("PREVIEWS", True),
        _chat("WHO_ADDS_EMOJI", "everyone"),
        _chat("PREVIEWS_ALLOW", ()),
        _chat("PUSH_KEY", None),
        _chat("PUSH_KEY_FALLBACKS", ()),
        _chat("PUSH_CONTACT", ""),
        _chat("PUSH_ALLOW", ()),
        _chat("PUBLIC_URL", "", lambda value: value.rstrip("/")),
        _chat("REDIS_URL", ""),
        _chat("DATABASE_THREADS", None),
        _chat("DATABASE_TIMEOUT", 4),
        _chat("METRICS_TOKEN", ""),
        _chat("TRUST_PROXY", False),
        _chat("FILES_BY_NGINX", False),
        _chat("DATA_DIR", None),
        _chat("UPLOADS_DIR", None),
        _chat("HOST", "127.0.0.1"),
        _chat("PORT", 8000),
    ]
)
# Settings of the standalone product without a meaning in an embedding project.
FIXED = {
    "CHAT_SIGNUP": "closed",
    "CHAT_RESET_BY_EMAIL": False,
    "CHAT_LOG_FORMAT": "console",
    "CHAT_SECRET_KEY_GIVEN": True,
    "CHAT_SERVE_ONLY_GIVEN": (),
    "CHAT_UNKNOWN_SETTINGS": {},
}


class WrongSetting(ImproperlyConfigured):
    """Raised for an invalid value in `CHAT`; the text names the entry and its valid values."""


def apply() -> None:
    """Give each setting its value.

    Raises:
        WrongSetting: an invalid value.
    """
    given = getattr(settings, "CHAT", {})
    for name, entry in ENTRIES.items():
        if name in given or not hasattr(settings, entry.setting):
            value = given.get(name, entry.default)
            setattr(settings, entry.setting, _read(name, entry, value))
    for name, value in FIXED.items():
        _default(name, value)
    _derive()


def alone_with_its_label() -> None:
    """Refuse a second app with the label `chat`, before Django does so without explaining the solution.

    Raises:
        ImproperlyConfigured: with the solution.
    """
    for entry in settings.INSTALLED_APPS:
        path, label = _app_of(entry)
        if path != "chat" and label == "chat":
            raise ImproperlyConfigured(
                f'Two apps have the label "chat": the one of Backchannel, and {path}. Give yours another: in '
                f'{path.replace(".", "/")}/apps.py, set label = "{path.replace(".", "_")}" in its AppConfig. If it has '
                "tables, keep them by db_table in the Meta of its models, and rename its rows in django_migrations."
            )


def _app_of(entry: str) -> tuple[str, str]:
    """Return the module and the label of an entry of INSTALLED_APPS: an app, or the class of its configuration."""
    if not entry.rpartition(".")[2][:1].isupper():
        return entry, entry.rpartition(".")[2]
    config: type[AppConfig] = import_string(entry)
    return config.name, getattr(config, "label", config.name.rpartition(".")[2])


def unknown() -> list[str]:
    """Return the unknown entries of `CHAT`."""
    return sorted(set(getattr(settings, "CHAT", {})) - ENTRIES.keys() - FUNCTIONS)


def _read(name: str, entry: Entry, value: Any) -> Any:
    try:
        return entry.read(value)
    except (ValueError, AttributeError) as problem:
        raise WrongSetting(f'CHAT["{name}"] must be {problem}, not {value!r}.') from None


def _default(name: str, value: Any) -> None:
    if not hasattr(settings, name):
        setattr(settings, name, value)


def _derive() -> None:
    """Set defaults that depend on the project's other settings."""
    https = any(origin.startswith("https://") for origin in settings.CSRF_TRUSTED_ORIGINS)
    _default("CHAT_HTTPS", https or settings.SESSION_COOKIE_SECURE)
    if settings.CHAT_DATABASE_THREADS is None:
        settings.CHAT_DATABASE_THREADS = 2 if "sqlite" in settings.DATABASES["default"]["ENGINE"] else 4
    if settings.CHAT_PUSH_KEY is None:
        settings.CHAT_PUSH_KEY = derived_private_key(settings.SECRET_KEY)
    if settings.CHAT_DATA_DIR is None:
        settings.CHAT_DATA_DIR = Path(getattr(settings, "BASE_DIR", Path.cwd())) / "var"
    if settings.CHAT_UPLOADS_DIR is None:
        settings.CHAT_UPLOADS_DIR = Path(settings.CHAT_DATA_DIR) / "uploads"
    if "files" not in settings.STORAGES:
        folder = {"location": Path(settings.CHAT_DATA_DIR) / "files"}
        here = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": folder}
        settings.STORAGES = {**settings.STORAGES, "files": here}
    if not hasattr(settings, "CHANNEL_LAYERS"):
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    if not hasattr(settings, "CHAT_STATIC_VERSION"):
        settings.CHAT_STATIC_VERSION = version_of(STATIC)


def version_of(folder: Path) -> str:
    """Return a digest of the names and contents of all files under `folder`."""
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.blake2b(file.read_bytes()).digest())
    return digest.hexdigest()
