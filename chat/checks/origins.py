"""Checks of CSRF_TRUSTED_ORIGINS and PUBLIC_URL: origins as browsers send them (scheme, host, unusual port)."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.http.request import validate_host

from chat.checks.hosts import SCHEME, is_host
from chat.checks.hosts import corrected as corrected_host
from chat.checks.reach import public

_USUAL = {"http": 80, "https": 443}


@register(Tags.security)
def wildcard(**_kwargs: Any) -> list[CheckMessage]:
    """E002: every host under a wildcard could submit forms."""
    if not any("*" in origin for origin in settings.CSRF_TRUSTED_ORIGINS):
        return []
    return [
        Error(
            "CSRF_TRUSTED_ORIGINS has a wildcard: anyone who holds one of those names acts as your people.",
            hint="Name each origin: CSRF_TRUSTED_ORIGINS=https://chat.example.org",
            id="chat.E002",
        )
    ]


@register(Tags.security)
def origins(**_kwargs: Any) -> list[CheckMessage]:
    """E007: a form is accepted when the browser's Origin equals an entry, character by character."""
    entries = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    wrong = [origin for origin in entries if not is_origin(origin)]
    if not wrong:
        return []
    named = " and ".join(repr(origin[:100]) for origin in wrong[:3])
    right = ",".join(dict.fromkeys(good for origin in entries if (good := corrected(origin))))
    return [
        Error(
            f"CSRF_TRUSTED_ORIGINS holds scheme and host as a browser sends them; no form would be taken by {named}.",
            hint=f"Set CSRF_TRUSTED_ORIGINS={right or 'https://chat.example.org'}",
            id="chat.E007",
        )
    ]


@register(Tags.security)
def https(**_kwargs: Any) -> list[CheckMessage]:
    """W001: a public server without TLS."""
    if not public() or settings.CHAT_HTTPS:
        return []
    return [
        Warning(
            "No https:// address in CSRF_TRUSTED_ORIGINS: passwords and cookies travel where others can read them.",
            hint="Put a proxy with TLS in front and set CSRF_TRUSTED_ORIGINS=https://chat.example.org",
            id="chat.W001",
        )
    ]


@register(Tags.security)
def hosts_of_origins(**_kwargs: Any) -> list[CheckMessage]:
    """W004: a page whose host is not in ALLOWED_HOSTS returns 400."""
    hosts = [urlsplit(origin).netloc for origin in settings.CSRF_TRUSTED_ORIGINS if is_origin(origin)]
    names = [re.sub(r":\d+$", "", host) for host in hosts]
    missing = [name for name in dict.fromkeys(names) if not validate_host(name, settings.ALLOWED_HOSTS)]
    if settings.DEBUG or not missing:
        return []
    return [
        Warning(
            f"CSRF_TRUSTED_ORIGINS names {', '.join(missing)}, ALLOWED_HOSTS does not: pages there are answered 400.",
            hint=f"Set ALLOWED_HOSTS={','.join([*settings.ALLOWED_HOSTS, *missing])}",
            id="chat.W004",
        )
    ]


def is_origin(text: str) -> bool:
    """Whether `text` is an origin as browsers send it (RFC 6454): lower case, no path, no default port."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc
    return (
        parts.scheme in _USUAL
        and text == f"{parts.scheme}://{parts.netloc}" == text.lower()
        and port != _USUAL[parts.scheme]
        and not host.startswith(".")
        and is_host(host)
    )


def corrected(text: str) -> str:
    """Return the origin that `text` most likely means; empty if there is none."""
    text = text.strip("\"'` ").lower()
    scheme = text.partition(":")[0] if SCHEME.match(text) else "https"
    scheme = {"http": "http", "ws": "http"}.get(scheme, "https")
    hosts = corrected_host(text)
    try:
        port = urlsplit("//" + SCHEME.sub("", text)).port
    except ValueError:
        port = None
    if not hosts:
        return ""
    shown = "" if port in (None, _USUAL[scheme]) else f":{port}"
    good = f"{scheme}://{hosts[0].removeprefix('.')}{shown}"
    return good if is_origin(good) else ""


@register(Tags.security)
def address_of_links(**_kwargs: Any) -> list[CheckMessage]:
    """E009, W006: links in e-mails start with PUBLIC_URL, never with the request's Host header."""
    url = settings.CHAT_PUBLIC_URL
    if url and not is_origin(url):
        return [
            Error(
                f"PUBLIC_URL is {url[:100]!r}, which is not scheme, host and port alone.",
                hint="For example: PUBLIC_URL=https://chat.example.org",
                id="chat.E009",
            )
        ]
    if url or not public() or not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return []
    return [
        Warning(
            "PUBLIC_URL is not set and CSRF_TRUSTED_ORIGINS names no https:// origin: no reset by e-mail.",
            hint="Say where people reach this server: PUBLIC_URL=https://chat.example.org",
            id="chat.W006",
        )
    ]
