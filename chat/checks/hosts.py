"""Checks of ALLOWED_HOSTS: each entry is a host name or address, without scheme, port or path."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# Django's own pattern for a Host (RFC 1034, RFC 3986; underscores are accepted inside), without the port.
_NAME = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)
SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:/+|https?:|/+)", re.IGNORECASE)
_QUOTES = "\"'`“”‘’"


@register(Tags.security)
def wildcard(**_kwargs: Any) -> list[CheckMessage]:
    """E001: the Origin check of the socket trusts the allowed hosts, so a wildcard opens it to every web page."""
    if settings.DEBUG or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS allows every host: any web page could open a socket as the person who visits it.",
            hint="Name the hosts: ALLOWED_HOSTS=chat.example.org",
            id="chat.E001",
        )
    ]


@register(Tags.security)
def hosts(**_kwargs: Any) -> list[CheckMessage]:
    """E006: Django compares the entries with the request's Host header. An entry with a scheme or port never matches,
    and every page returns 400."""
    entries = [entry for entry in settings.ALLOWED_HOSTS if entry != "*"]
    wrong = [entry for entry in entries if not is_host(entry)]
    if not wrong:
        return []
    named = " and ".join(repr(entry[:100]) for entry in wrong[:3])
    right = [host for entry in settings.ALLOWED_HOSTS for host in corrected(entry)]
    return [
        Error(
            f"ALLOWED_HOSTS holds host names alone, without scheme, port or path; no request matches {named}.",
            hint=f"Set ALLOWED_HOSTS={','.join(dict.fromkeys(right)) or 'chat.example.org'}",
            id="chat.E006",
        )
    ]


def is_host(entry: str) -> bool:
    """Whether a request's Host can match `entry`. Django removes the port before the comparison, and ignores case."""
    entry = entry.lower()
    if entry.startswith("["):
        return entry.endswith("]") and _is_address(entry[1:-1], 6)
    if re.fullmatch(r"[\d.]+", entry, re.ASCII):
        return _is_address(entry, 4)
    return len(entry) <= 254 and bool(_NAME.fullmatch(entry))


def corrected(entry: str) -> list[str]:
    """Return the hosts that `entry` most likely means; empty if there are none."""
    return [host for part in re.split(r"[\s;,]+", entry) if (host := _corrected(part.strip(_QUOTES)))]


def _corrected(part: str) -> str:
    if _is_address(part.strip("[]"), 6):
        return f"[{part.strip('[]')}]"
    try:
        host = urlsplit("//" + SCHEME.sub("", part)).hostname or ""
        # Browsers send the DNS form of the name.
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError as well
        return ""
    host = f"[{host}]" if ":" in host else re.sub(r"^\*(?=\.)", "", host).rstrip(".")
    return host if is_host(host) else ""


def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False
