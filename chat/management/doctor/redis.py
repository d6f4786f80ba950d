from collections.abc import Iterator

from django.conf import settings
from redis import Redis, RedisError

from chat.management.doctor.finding import Finding

REDIS_SECONDS = 3.0


def redis() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield Finding(True, "redis: none, so one process serves alone")
        return
    client = Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    try:
        client.ping()
    except (RedisError, OSError) as error:
        yield Finding(False, f"redis: {error}")
    else:
        yield Finding(True, "redis: it answers")
    finally:
        client.close()
