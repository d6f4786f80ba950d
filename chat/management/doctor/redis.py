"""Tries once what a server does in Redis: publish and receive, and count."""

import secrets
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.cache import caches
from limits.storage import RedisStorage
from redis import Redis, RedisError, ResponseError
from redis.exceptions import MovedError, NoPermissionError, ReadOnlyError

from chat.lib.redis import Pool, disconnect
from chat.management.doctor.finding import Finding

REDIS_SECONDS = 3.0
RIGHTS = "ACL SETUSER name +@all -@dangerous +info &asgi* ~LIMITS* ~:1:*"


def redis() -> Iterator[Finding]:
    """Check the connection, the rights, publishing and counting."""
    if not settings.CHAT_REDIS_URL:
        yield Finding(True, "redis: none, so one process serves alone")
        return
    problem = ""
    pool = Pool.from_url(settings.CHAT_REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    with Redis(connection_pool=pool) as client:
        for what, step in (("connect", _ping), ("is heard", _publish), ("count", _count)):
            if problem := problem or _failure(what, step, client):
                break
    disconnect(pool)
    yield Finding(not problem, f"redis: {problem or 'it answers, passes messages on and counts'}")


def _failure(what: str, step: Callable[[Redis], None], client: Redis) -> str:
    """Why `step` fails, with the cure where it is known; empty when it succeeds."""
    try:
        step(client)
    except (RedisError, OSError) as error:
        said = str(error) or type(error).__name__
        if isinstance(error, NoPermissionError):
            return f"its user lacks rights to {what} ({said}): {RIGHTS}"
        if isinstance(error, MovedError) or "cluster mode" in said:
            return (
                "it is a node of a cluster, where a key may live on any node: name a server that is none in REDIS_URL"
            )
        if isinstance(error, ReadOnlyError):
            return "it is a replica, and takes no writes: name its master in REDIS_URL, or its Sentinels"
        if isinstance(error, ResponseError) and "MISCONF" in said:
            return "it takes no writes because it cannot save to disk: free its disk, or set save '' in redis.conf"
        return said
    return ""


def _ping(client: Redis) -> None:
    client.ping()
    try:
        if client.info("cluster").get("cluster_enabled"):
            raise RedisError("cluster mode")
    except NoPermissionError:
        pass  # A server does not need the right to INFO.


def _publish(client: Redis) -> None:
    """Publish to ourselves through a process channel and a group channel, named as in the channel layer.

    Raises:
        RedisError: when a message does not arrive within REDIS_SECONDS.
    """
    name = secrets.token_hex(8)
    channels = [f"asgihub.doctor{name}", f"asgi__group__chat.doctor{name}"]
    with client.pubsub(ignore_subscribe_messages=True) as subscriber:  # type: ignore[no-untyped-call]
        subscriber.subscribe(*channels)
        for channel in channels:
            client.publish(channel, "heard")
        missing, until = set(channels), time.monotonic() + REDIS_SECONDS
        while missing:
            message = subscriber.get_message(timeout=0.1)
            if message:
                missing.discard(message["channel"].decode())
            if time.monotonic() > until:
                raise RedisError("what is published is not heard")


def _count(client: Redis) -> None:
    RedisStorage("redis://", connection_pool=client.connection_pool).incr("LIMITS:doctor", 10)
    caches["default"].set("doctor", 1, 10)
