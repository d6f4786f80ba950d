"""Pings, dead connections and retries. Clock and random numbers are passed in."""

from collections.abc import Callable
from dataclasses import dataclass

RESTARTING = 1012
TOO_SLOW = 4008
FLOODING = 4029


@dataclass(frozen=True, slots=True)
class Timing:
    """Every delay and timeout of the client, in seconds. The defaults are those of the protocol."""

    open: float = 10.0  # from the first packet to the room being joined
    answer: float = 30.0  # for the answer to a command; then the connection is given up
    idle: float = 25.0  # without a frame before a ping
    silence: float = 10.0  # without a frame after a ping before the connection is dead
    first_delay: float = 0.5  # the first back-off, which then doubles
    longest_delay: float = 30.0
    restart_spread: float = 5.0  # after 1012 clients reconnect at random times within this
    flood_wait: float = 60.0  # after 4029
    steady: float = 10.0  # a connection of at least this resets the back-off
    close: float = 2.0  # for the closing handshake


class Backoff:
    """Exponential back-off with full jitter: a random part of a delay that doubles, so that clients of a restarted
    server spread out."""

    def __init__(self, timing: Timing, random: Callable[[], float]) -> None:
        self._timing = timing
        self._random = random
        self._failures = 0

    def reset(self) -> None:
        """Start from the first delay again."""
        self._failures = 0

    def next(self) -> float:
        """The next delay in seconds."""
        # The exponent is bounded: after a weekend of failures 2.0 ** n would overflow.
        span = min(self._timing.longest_delay, self._timing.first_delay * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return self._random() * span


class Reconnecting:
    """The delay after a connection was lost, by its close code."""

    def __init__(self, timing: Timing, random: Callable[[], float]) -> None:
        self._timing = timing
        self._random = random
        self._backoff = Backoff(timing, random)

    def delay(self, code: int | None, *, stood_for: float) -> float:
        """Seconds to wait after a connection that lasted this long (0: it was never established)."""
        steady = stood_for >= self._timing.steady
        if steady:
            self._backoff.reset()
        if code == RESTARTING:
            return self._random() * self._timing.restart_spread
        if code == FLOODING:
            return self._timing.flood_wait
        if code == TOO_SLOW and steady:
            return 0.0
        return self._backoff.next()


class Liveness:
    """Whether the server is alive, by the time of its last frame."""

    def __init__(self, timing: Timing, now: float) -> None:
        self._timing = timing
        self._heard_at = now
        self._pinged_at: float | None = None

    def heard(self, now: float) -> None:
        """A frame arrived."""
        self._heard_at = now
        self._pinged_at = None

    def pinged(self, now: float) -> None:
        """A ping was sent."""
        self._pinged_at = now

    def ping_due(self, now: float) -> bool:
        """Whether a ping should be sent."""
        return self._pinged_at is None and now >= self._heard_at + self._timing.idle

    def dead(self, now: float) -> bool:
        """Whether the server did not answer the ping in time."""
        return self._pinged_at is not None and now >= self._pinged_at + self._timing.silence

    @property
    def next_at(self) -> float:
        """The time of the next ping or timeout."""
        if self._pinged_at is not None:
            return self._pinged_at + self._timing.silence
        return self._heard_at + self._timing.idle
