"""The product's settings with Channels' older layer, whose groups forget a member two seconds after it joined."""

from your_project.settings import *  # noqa: F403
from your_project.settings import CHANNEL_LAYERS

CHANNEL_LAYERS["default"]["BACKEND"] = "channels_redis.core.RedisChannelLayer"
CHANNEL_LAYERS["default"]["CONFIG"]["group_expiry"] = 2
