"""Token buckets: so many at once, refilled evenly. No I/O; the clock is passed in."""

from collections import Counter
from collections.abc import Mapping

# A person by id, or an address.
LimitKey = int | str


class TokenBucket:
    """`events` tokens in `seconds`; `events` 0 means no limit."""

    __slots__ = ("_at", "_events", "_level", "_per_second")

    def __init__(self, events: int, seconds: float, now: float) -> None:
        self._events = events
        self._per_second = events / seconds if events else 0.0
        self._level = float(events)
        self._at = now

    def take(self, now: float, tokens: int = 1) -> float:
        """Take so many tokens; returns 0.0, or the seconds until there are as many."""
        if not self._events:
            return 0.0
        self._refill(now)
        if self._level >= tokens:
            self._level -= tokens
            return 0.0
        return (tokens - self._level) / self._per_second

    def debit(self, tokens: int, now: float) -> None:
        """Account for tokens that were taken elsewhere; what is owed beyond a whole bucket is forgiven."""
        self._refill(now)
        self._level = max(self._level - tokens, -float(self._events))

    def full(self, now: float) -> bool:
        self._refill(now)
        return self._level >= self._events

    def _refill(self, now: float) -> None:
        self._level = min(self._events, self._level + (now - self._at) * self._per_second)
        self._at = now


class SharedBuckets:
    """One bucket a person or address, over all processes up to the second between two reports.

    Counting each send or connect in Redis would cost as much as the thing itself. The processes tell
    each other instead what was spent; with Redis gone each limits for itself.
    """

    def __init__(self, events: int, seconds: float) -> None:
        self._events = events
        self._seconds = seconds
        self._buckets: dict[LimitKey, TokenBucket] = {}
        self._spent: Counter[LimitKey] = Counter()

    def take(self, payer: LimitKey, now: float, tokens: int = 1) -> float:
        """Take so many of the payer's tokens; returns 0.0, or the seconds until there are as many."""
        if not self._events:
            return 0.0
        wait = self._bucket(payer, now).take(now, tokens)
        if not wait:
            self._spent[payer] += tokens
        return wait

    def report(self, now: float) -> dict[LimitKey, int]:
        """What was spent here since the last report; forgets those whose bucket is full again."""
        spent, self._spent = dict(self._spent), Counter()
        for payer in [one for one, bucket in self._buckets.items() if one not in spent and bucket.full(now)]:
            del self._buckets[payer]
        return spent

    def debit(self, spent: Mapping[LimitKey, int], now: float) -> None:
        """Take in another process' report."""
        for payer, tokens in spent.items():
            self._bucket(payer, now).debit(tokens, now)

    def _bucket(self, payer: LimitKey, now: float) -> TokenBucket:
        bucket = self._buckets.get(payer)
        if bucket is None:
            bucket = self._buckets[payer] = TokenBucket(self._events, self._seconds, now)
        return bucket
