"""Parses `REDIS_URL`: a server, its Unix socket, or the Sentinels that know the current server."""

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from redis import ConnectionPool
from redis.sentinel import Sentinel, SentinelConnectionPool

SENTINEL_PORT = 26379
# Valkey uses the same protocol, but redis-py does not accept its URL schemes.
_SAME = {"valkey": "redis", "valkeys": "rediss", "valkey+sentinel": "redis+sentinel"}
SCHEMES = ["redis", "rediss", "unix", "redis+sentinel", *_SAME]
EXAMPLE = "redis://host:6379/0, unix:///path, or redis+sentinel://host:26379,host:26379/master/0"


class Sentinels(NamedTuple):
    """The addresses of the Sentinels, the name of the service, and the options of connections to it."""

    addresses: list[tuple[str, int]]
    master: str
    options: dict[str, Any]
    # Options of connections to the Sentinels themselves.
    own: dict[str, Any]


def plain(url: str) -> str:
    """The URL with a scheme that redis-py accepts."""
    scheme, separator, rest = url.partition("://")
    return f"{_SAME.get(scheme, scheme)}{separator}{rest}"


def sentinels(url: str) -> Sentinels | None:
    """Return the parts of a Sentinel URL; None for another URL.

    Raises:
        ValueError: the URL is malformed; the text does not contain its password.
    """
    if not plain(url).startswith("redis+sentinel://"):
        return None
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    path = re.fullmatch(r"/([^/]+)(?:/(\d{1,4}))?", parts.path)
    found = [re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(\d{1,5}))?", host) for host in hosts.split(",")]
    if path is None or not all(found):
        raise ValueError("an address without Sentinels or the name of their master")
    options: dict[str, Any] = {"db": int(path[2] or 0)}
    options |= {"username": unquote(user)} if user else {}
    options |= {"password": unquote(password)} if password else {}
    query = dict(parse_qsl(parts.query))
    own = {key: query.pop(f"sentinel_{key}") for key in ("username", "password") if f"sentinel_{key}" in query}
    if query:
        raise ValueError(f"one with the unknown option {min(query)}")
    addresses = [(host[1].strip("[]"), int(host[2] or SENTINEL_PORT)) for host in found if host]
    return Sentinels(addresses, unquote(path[1]), options, own)


def layer_host(url: str, **options: Any) -> dict[str, Any]:
    """Return the host entry for channels_redis."""
    if (found := sentinels(url)) is None:
        return {"address": url, **options}
    own = found.own | {"socket_connect_timeout": options.get("socket_connect_timeout", 2)}
    return {
        "sentinels": found.addresses,
        "master_name": found.master,
        "sentinel_kwargs": own,
        **found.options,
        **options,
    }


def disconnect(pool: ConnectionPool) -> None:
    """Close every connection of a pool, also those to Sentinels."""
    pool.disconnect()
    for client in pool.sentinel_manager.sentinels if isinstance(pool, SentinelConnectionPool) else ():
        client.connection_pool.disconnect()


class Pool:
    """Creates a connection pool of either kind; Django's cache uses it as `pool_class`."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> ConnectionPool:
        """Return the pool for a URL."""
        if (found := sentinels(url)) is None:
            return ConnectionPool.from_url(url, **options)
        timeouts = {key: options[key] for key in ("socket_timeout", "socket_connect_timeout") if key in options}
        manager = Sentinel(found.addresses, sentinel_kwargs=found.own | timeouts)  # type: ignore[no-untyped-call]
        return SentinelConnectionPool(found.master, manager, **found.options, **options)  # type: ignore[no-untyped-call]
