"""When to ping, when to call a connection dead, when to try again. Clock and dice are passed in."""

from collections.abc import Callable
from dataclasses import dataclass

RESTARTING = 1012
TOO_SLOW = 4008
FLOODING = 4029


@dataclass(frozen=True, slots=True)
class Timing:
    """Every wait of the client, in seconds. The defaults are those of the wire contract."""

    open: float = 10.0  # from the first packet to the room being joined
    answer: float = 30.0  # a command that is not answered by then: the connection is given up
    idle: float = 25.0  # nothing came for so long: ping
    silence: float = 10.0  # nothing came for so long after a ping: the connection is dead
    first_delay: float = 0.5  # the back-off doubles from here
    longest_delay: float = 30.0
    restart_spread: float = 5.0  # after 1012 everybody comes back at another moment of this span
    flood_wait: float = 60.0  # after 4029
    steady: float = 10.0  # a connection that stood for so long makes the back-off begin anew
    close: float = 2.0  # for the closing handshake


class Backoff:
    """Full jitter: a random part of a span that doubles. It spreads the clients of a server that comes back."""

    def __init__(self, timing: Timing, random: Callable[[], float]) -> None:
        self._timing = timing
        self._random = random
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    def next(self) -> float:
        # The exponent is bounded: after a weekend of failures 2.0 ** n would not fit a float.
        span = min(self._timing.longest_delay, self._timing.first_delay * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return self._random() * span


class Reconnecting:
    """How long to wait after a connection was lost, by its close code."""

    def __init__(self, timing: Timing, random: Callable[[], float]) -> None:
        self._timing = timing
        self._random = random
        self._backoff = Backoff(timing, random)

    def delay(self, code: int | None, *, stood_for: float) -> float:
        """Seconds to wait after a connection that stood for so long (0: it never came about)."""
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
    """Whether the other side still lives, judged by when something last came."""

    def __init__(self, timing: Timing, now: float) -> None:
        self._timing = timing
        self._heard_at = now
        self._pinged_at: float | None = None

    def heard(self, now: float) -> None:
        self._heard_at = now
        self._pinged_at = None

    def pinged(self, now: float) -> None:
        self._pinged_at = now

    def ping_due(self, now: float) -> bool:
        return self._pinged_at is None and now >= self._heard_at + self._timing.idle

    def dead(self, now: float) -> bool:
        return self._pinged_at is not None and now >= self._pinged_at + self._timing.silence

    @property
    def next_at(self) -> float:
        if self._pinged_at is not None:
            return self._pinged_at + self._timing.silence
        return self._heard_at + self._timing.idle
