"""What Django's cache keeps in Redis, as JSON: by default it unpickles what it finds there, so that who can write to
Redis would run code in the servers."""

import json
from typing import Any


def cache_at(url: str) -> dict[str, Any]:
    """The entry of `CACHES` for the Redis at this address; Sentinels are understood."""
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # A list: a text would be split at its commas.
        "LOCATION": [url],
        "OPTIONS": {"pool_class": "chat.lib.redis.Pool", "serializer": "chat.lib.cache.JsonSerializer"},
        "KEY_FUNCTION": "chat.lib.cache.key",
    }


class JsonSerializer:
    """The `serializer` of Django's RedisCache. A tuple comes back as a list."""

    def dumps(self, value: Any) -> int | bytes:
        """The value as Redis takes it: integers as they are, because Redis counts them."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """The value again."""
        return json.loads(data)


def key(name: str, prefix: str, version: int) -> str:
    """The `KEY_FUNCTION` of the cache. A process of an older version, beside which this one runs during an upgrade, has
    other keys: neither reads what the other has written."""
    return f"{prefix}:{version}:json:{name}"
