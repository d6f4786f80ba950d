"""Fan-out: what one delivery costs the server, in CPU time.

Many sockets sit in one room; one of them speaks and keeps a few messages outstanding, that is, sends the next one when
one of its own has come back. What is measured is the CPU time of the server process, all its threads, from the first
message sent to the last one delivered, divided by the deliveries. Time that passes is not measured: a server that
waits costs nothing.
"""

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.load import Crowd, Round
from bench.machine import cpu_seconds
from bench.servers import Contestant, Running

WARM_UP_MESSAGES = 20
# A server counts as idle when it used less than this share of a core for this long.
IDLE_SHARE = 0.03
IDLE_SECONDS = 0.4
IDLE_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    sockets: int = 200
    outstanding: int = 4
    messages: int = 400
    size: int = 100
    rounds: int = 5


@dataclass
class Result:
    """The rounds of one server."""

    name: str
    title: str
    microseconds: list[float] = field(default_factory=list)  # CPU of the server per delivery, by round
    rounds: list[Round] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.microseconds)

    @property
    def lost(self) -> int:
        return sum(part.lost for part in self.rounds)

    @property
    def messages_per_second(self) -> float:
        return statistics.median(part.messages / part.seconds for part in self.rounds)

    @property
    def load_share(self) -> float:
        """How much of its core the load took: near 1, it was the load that was measured."""
        return max(part.load_cpu_seconds / part.seconds for part in self.rounds)


def run(plan: Plan, contestants: Sequence[Contestant], progress: Callable[[str], None]) -> list[Result]:
    """Start all, then measure them in turn, so that a busy minute of the machine falls on each of them."""
    results = [Result(contestant.name, contestant.title) for contestant in contestants]
    with contextlib.ExitStack() as stack:
        servers = []
        for contestant in contestants:
            progress(f"starting {contestant.title}")
            servers.append(contestant.start())
            stack.callback(servers[-1].child.kill)
        for number in range(1, plan.rounds + 1):
            for server, result in zip(servers, results, strict=True):
                measure(plan, server, result)
                progress(f"round {number} of {plan.rounds}: {result.microseconds[-1]:7.2f} us  {result.title}")
    return results


def measure(plan: Plan, server: Running, result: Result) -> None:
    with Crowd(server.port, server.path, plan.sockets, server.headers) as crowd:
        crowd.settle()
        warm_up = crowd.speak(server.command, messages=WARM_UP_MESSAGES, outstanding=plan.outstanding, size=plan.size)
        if not warm_up.deliveries:
            raise RuntimeError(f"{result.title} delivers nothing. Its last words:\n{server.child.output()[-2000:]}")
        _wait_until_idle(server.pid)
        before = cpu_seconds(server.pid)
        part = crowd.speak(server.command, messages=plan.messages, outstanding=plan.outstanding, size=plan.size)
        used = cpu_seconds(server.pid) - before
    result.rounds.append(part)
    result.microseconds.append(used / max(part.deliveries, 1) * 1e6)
    _wait_until_idle(server.pid)


def _wait_until_idle(pid: int) -> None:
    deadline = time.monotonic() + IDLE_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        before = cpu_seconds(pid)
        time.sleep(IDLE_SECONDS)
        if cpu_seconds(pid) - before < IDLE_SHARE * IDLE_SECONDS:
            return
