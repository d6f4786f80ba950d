"""The parameters and the results of a load test."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatclient.address import Address
from chatclient.frames import JSONObject
from chatclient.loadtest.latency_stats import Figures
from chatclient.timing import Timing


@dataclass(frozen=True, slots=True)
class Plan:
    """The parameters of a test. Times are in seconds."""

    address: Address
    tokens: Sequence[str | None]  # taken in turn
    clients: int
    messages: int  # for each client
    interval: float = 0.0  # between a client's acknowledgement and its next message
    size: int = 80  # characters of a message
    patience: float = 10.0  # without anything arriving; messages missing then count as lost
    timing: Timing = field(default_factory=Timing)


@dataclass(slots=True)
class Outcome:
    """The results of a test. Times are in seconds."""

    plan: Plan
    connect: list[float] = field(default_factory=list)
    acknowledge: list[float] = field(default_factory=list)  # from sending to the acknowledgement
    deliver: list[float] = field(default_factory=list)  # from sending to every reader
    connected: int = 0
    sent: int = 0
    acknowledged: int = 0
    received: int = 0
    lost: int = 0
    duplicates: int = 0
    order_errors: int = 0
    waits: int = 0  # sends that a limit delayed
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether all connections opened, and no message was lost, duplicated or out of order."""
        wanted = self.plan.clients * self.plan.messages
        complete = self.connected == self.plan.clients and self.acknowledged == wanted
        return complete and not (self.lost or self.duplicates or self.order_errors or self.errors)

    @property
    def series(self) -> list[tuple[str, list[float]]]:
        """The measured times, by name."""
        return [("connect", self.connect), ("acknowledge", self.acknowledge), ("deliver", self.deliver)]

    def as_json(self) -> JSONObject:
        """The results as JSON."""
        figures = {name: Figures.of(times) for name, times in self.series}
        return {
            "clients": self.plan.clients,
            "messages": self.plan.messages,
            "connected": self.connected,
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "received": self.received,
            "lost": self.lost,
            "duplicates": self.duplicates,
            "order_errors": self.order_errors,
            "rate_limited": self.waits,
            "errors": dict(self.errors),
            "seconds": round(self.seconds, 3),
            "milliseconds": {
                name: None if f is None else {column: round(getattr(f, column), 3) for column in f.__slots__}
                for name, f in figures.items()
            },
        }
