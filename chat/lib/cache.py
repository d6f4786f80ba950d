"""Stores the values of Django's cache in Redis as JSON: by default Django unpickles them, and anyone who can write to
Redis could run code in the servers."""

import json
from typing import Any


def cache_at(url: str) -> dict[str, Any]:
    """Return the entry of `CACHES` for the Redis at this address, which may name Sentinels."""
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # A list: Django splits a string at its commas.
        "LOCATION": [url],
        "OPTIONS": {"pool_class": "chat.lib.redis.Pool", "serializer": "chat.lib.cache.JsonSerializer"},
        "KEY_FUNCTION": "chat.lib.cache.key",
    }


class JsonSerializer:
    """The `serializer` of Django's RedisCache. A tuple comes back as a list."""

    def dumps(self, value: Any) -> int | bytes:
        """Encode the value for Redis: integers stay as they are, because Redis increments them."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Decode a value from Redis."""
        return json.loads(data)


def key(name: str, prefix: str, version: int) -> str:
    """The `KEY_FUNCTION` of the cache. A process of an older version, which may still run during an upgrade, has other
    keys: neither reads what the other has written."""
    return f"{prefix}:{version}:json:{name}"
