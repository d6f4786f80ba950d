"""Token buckets, refilled at a constant rate. No I/O; the clock is passed in."""

from collections import Counter
from collections.abc import Mapping

# A user's id, or an address.
LimitKey = int | str


class TokenBucket:
    """A bucket of `events` tokens that fills in `seconds`; `events` 0 means no limit."""

    __slots__ = ("_at", "_events", "_level", "_per_second")

    def __init__(self, events: int, seconds: float, now: float) -> None:
        self._events = events
        self._per_second = events / seconds if events else 0.0
        self._level = float(events)
        self._at = now

    def take(self, now: float, tokens: int = 1) -> float:
        """Take `tokens` and return 0.0; or take none, and return the seconds until there are enough."""
        if not self._events:
            return 0.0
        self._refill(now)
        if self._level >= tokens:
            self._level -= tokens
            return 0.0
        return (tokens - self._level) / self._per_second

    def debit(self, tokens: int, now: float) -> None:
        """Subtract tokens taken on another process. The debt is limited to one full bucket."""
        self._refill(now)
        self._level = max(self._level - tokens, -float(self._events))

    def full(self, now: float) -> bool:
        """Return whether no token is missing."""
        self._refill(now)
        return self._level >= self._events

    def taken(self, now: float) -> float:
        """Return the number of missing tokens."""
        self._refill(now)
        return self._events - self._level

    def _refill(self, now: float) -> None:
        self._level = min(self._events, self._level + (now - self._at) * self._per_second)
        self._at = now


class SharedBuckets:
    """One bucket per user or address, shared by all processes with a delay of one report (a second).

    Counting each send or connect in Redis would cost as much as the send. Instead, the processes report the tokens
    taken to each other; without Redis, each process limits on its own.
    """

    def __init__(self, events: int, seconds: float) -> None:
        self._events = events
        self._seconds = seconds
        self._buckets: dict[LimitKey, TokenBucket] = {}
        self._spent: Counter[LimitKey] = Counter()

    def __len__(self) -> int:
        """The number of buckets in memory."""
        return len(self._buckets)

    def take(self, key: LimitKey, now: float, tokens: int = 1) -> float:
        """Take `tokens` of the key's bucket and return 0.0, or none and return the seconds until there are enough."""
        if not self._events:
            return 0.0
        wait = self._bucket(key, now).take(now, tokens)
        if not wait:
            self._spent[key] += tokens
        return wait

    def report(self, now: float) -> dict[LimitKey, int]:
        """Return the tokens taken here since the last report, by key, and drop the buckets that are full again."""
        if not self._buckets:
            return {}
        spent, self._spent = dict(self._spent), Counter()
        for key in [one for one, bucket in self._buckets.items() if one not in spent and bucket.full(now)]:
            del self._buckets[key]
        return spent

    def debit(self, spent: Mapping[LimitKey, int], now: float) -> None:
        """Subtract the tokens of another process' report."""
        for key, tokens in spent.items():
            self._bucket(key, now).debit(tokens, now)

    def _bucket(self, key: LimitKey, now: float) -> TokenBucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._events, self._seconds, now)
        return bucket
