"""The settings of the tutorial: `DATABASE_URL`, `REDIS_URL` and `LAYER` (core or pubsub) come from the environment."""

import os

import environ

SECRET_KEY = "only for measuring"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["bench.textbook"]
DATABASES = {"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": {
            "core": "channels_redis.core.RedisChannelLayer",
            "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
        }[os.environ["LAYER"]],
        "CONFIG": {
            # The default of redis-py 8 closes an idle subscription after 5 s.
            "hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": 15}],
            # The default of 100 applies to all sockets of a process, and would drop most messages of this benchmark.
            "capacity": 100_000,
        },
    }
}
