"""Token buckets: so many at once, refilled evenly. The clock is passed in."""


class TokenBucket:
    """`count` tokens in `seconds`; `count` 0 means no limit."""

    __slots__ = ("_at", "_count", "_level", "_per_second")

    def __init__(self, count: int, seconds: float, now: float) -> None:
        self._count = count
        self._per_second = count / seconds if count else 0.0
        self._level = float(count)
        self._at = now

    def take(self, now: float) -> float:
        """Take one token; returns 0.0, or the seconds until there is one."""
        if not self._count:
            return 0.0
        self._level = min(self._count, self._level + (now - self._at) * self._per_second)
        self._at = now
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self._per_second
