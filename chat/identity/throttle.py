"""Limits on attempts, per person and per address, shared by all processes.

Counted in Redis if there is one. While Redis does not answer, each process counts on its own: no one is locked out, and
guessing stays slow.
"""

import hashlib
import ipaddress
import logging
import math
import time
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Literal, NamedTuple, Protocol

import redis
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage, Storage
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.lib.redis import Pool

logger = logging.getLogger(__name__)

Name = Literal["sign_in", "sign_up", "username", "api", "stranger", "mail"]


class Rate(Protocol):
    """A number of events in a number of seconds; `your_project.env` parses one."""

    @property
    def events(self) -> int: ...

    @property
    def seconds(self) -> float: ...


class Limit(NamedTuple):
    """Attempts allowed; None: no limit. `pair`: for one user from one address or one known device."""

    person: RateLimitItem | None
    address: RateLimitItem | None
    pair: RateLimitItem | None = None


def _item(rate: Rate) -> RateLimitItem | None:
    return RateLimitItemPerSecond(rate.events, int(rate.seconds)) if rate.events else None


# Many people can share an address: the limit leaves room for many who mistype, or who sign up on their first day.
LIMITS: dict[Name, Limit] = {
    # Strict for one user from one address, loose for the user alone: otherwise anyone could lock out a user they know.
    "sign_in": Limit(RateLimitItemPerMinute(100, 5), _item(settings.CHAT_SIGN_IN_LIMIT), RateLimitItemPerMinute(10, 5)),
    "sign_up": Limit(None, _item(settings.CHAT_SIGN_UP_LIMIT)),
    "username": Limit(None, RateLimitItemPerMinute(1200)),
    "api": Limit(_item(settings.CHAT_API_LIMIT), None),
    # E-mails to an address that a user typed, which may be any address.
    "mail": Limit(RateLimitItemPerHour(10), None),
    # Requests with an invalid token or session: a program whose token was revoked, or one that guesses.
    "stranger": Limit(None, RateLimitItemPerMinute(3000)),
}
REDIS_TIMEOUT_SECONDS = 1.0
# While Redis does not answer, only one attempt in this time waits for it.
REDIS_REST_SECONDS = 5.0


def check(
    name: Name, *, person: str | None = None, address: str | None = None, device: str | None = None
) -> int | None:
    """Count an attempt; returns the seconds to wait when the limit is exceeded, else None.

    It is counted before its result is known, so that parallel guesses cannot pass together; `forgive` takes it back
    after a success. `device`: a known device of the user has its own counter, whatever others try elsewhere.
    """
    counted = _counters(name, person, address, device)

    def count(storage: Storage) -> float:
        over = [
            storage.get_expiry(key)
            for item, key in counted
            # INCR returns the count: two processes never get the same one.
            if storage.incr(key, item.get_expiry()) > item.amount
        ]
        return max(over, default=0.0)

    until = _attempt(count)
    return max(1, math.ceil(until - time.time())) if until else None


def forgive(name: Name, *, person: str | None = None, address: str | None = None, device: str | None = None) -> None:
    """Take back the attempt that `check` counted, after it succeeded."""

    def discount(storage: Storage) -> float:
        for item, key in _counters(name, person, address, device):
            storage.incr(key, item.get_expiry(), amount=-1)
        return 0.0

    _attempt(discount)


def _counters(
    name: Name, person: str | None, address: str | None, device: str | None
) -> list[tuple[RateLimitItem, str]]:
    limit = LIMITS[name]
    counters = []
    # Hashed: users sometimes type their password as the name.
    who = hashlib.sha256(person.strip().lower().encode(errors="replace")).hexdigest() if person else ""
    if limit.pair and who and device:
        return [(limit.pair, limit.pair.key_for(name, "device", who, device))]
    if limit.pair and who and address:
        counters.append((limit.pair, limit.pair.key_for(name, "pair", who, network_of(address))))
    if limit.person and who:
        counters.append((limit.person, limit.person.key_for(name, "person", who)))
    if limit.address and address:
        counters.append((limit.address, limit.address.key_for(name, "address", network_of(address))))
    return counters


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Return the network that counts as one address: an IPv6 customer has a whole /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address)
    return str(ip)


class _Redis:
    """The shared storage, which is not used for a while after it did not answer."""

    def __init__(self, url: str) -> None:
        pool = Pool.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self.storage = RedisStorage("redis://", connection_pool=pool)
        self.rest_until = 0.0


@cache
def _redis(url: str) -> _Redis:
    return _Redis(url)


@cache
def _memory() -> MemoryStorage:
    return MemoryStorage()


def _attempt(work: Callable[[Storage], float]) -> float:
    if settings.CHAT_REDIS_URL:
        shared = _redis(settings.CHAT_REDIS_URL)
        if time.monotonic() >= shared.rest_until:
            try:
                return work(shared.storage)
            except redis.RedisError as error:
                shared.rest_until = time.monotonic() + REDIS_REST_SECONDS
                logger.warning("Attempts are counted per process, Redis fails: %s", type(error).__name__)
    return work(_memory())
