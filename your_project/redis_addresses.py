"""Reads `REDIS_URL`, in the form that redis-py expects."""

from chat.lib.redis import EXAMPLE, SCHEMES, plain, sentinels
from your_project.env import address, refuse


def redis(name: str) -> str:
    """Read and check the address; SystemExit with one line when it is wrong."""
    raw = plain(address(name, SCHEMES, EXAMPLE))
    try:
        sentinels(raw)
    except ValueError as error:
        refuse(name, EXAMPLE, str(error) if "unknown" in str(error) or "without" in str(error) else "unreadable")
    return raw
