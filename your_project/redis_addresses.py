"""`REDIS_URL`, checked and as redis-py names it."""

from accounts.redis import EXAMPLE, SCHEMES, plain, sentinels
from your_project.env import address, refuse


def redis(name: str) -> str:
    raw = plain(address(name, SCHEMES, EXAMPLE))
    try:
        sentinels(raw)
    except ValueError as error:
        refuse(name, EXAMPLE, str(error) if "unknown" in str(error) or "without" in str(error) else "unreadable")
    return raw
