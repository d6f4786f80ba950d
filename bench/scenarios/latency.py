"""Latency: the delay from the time a message was due to its arrival at each socket, at a steady rate."""

import statistics
from functools import partial

from bench import servers
from bench.load import SIZE, Crowd
from bench.measuring import Effort, Figure, Plan, Sample, Scenario
from bench.runner import WARM_UP_MESSAGES, case_of, wait_until_idle
from bench.servers import Server, World

# Sockets in the room, seconds of a round, rounds.
PLANS = {Effort.FULL: (200, 5, 3), Effort.QUICK: (200, 2, 1), Effort.SMALLEST: (4, 0.2, 1)}
PER_SECOND = 50
CONTESTANTS = (
    servers.TEXTBOOK,
    servers.TEXTBOOK_PUBSUB,
    servers.WEBSOCKETS,
    servers.SOCKETIO_REDIS,
    servers.SQLITE,
    servers.DAPHNE,
    servers.UVICORN,
)


def measure(server: Server, *, sockets: int, seconds: float) -> Sample:
    """One round."""
    messages = int(seconds * PER_SECOND)
    with Crowd(server.addresses(sockets)) as crowd:
        crowd.settle()
        crowd.speak(server.say, messages=WARM_UP_MESSAGES, outstanding=1)
        wait_until_idle(server)
        delays = crowd.speak_steadily(server.say, messages=messages, per_second=PER_SECOND)
    wait_until_idle(server)
    if not delays:
        raise RuntimeError("Nothing was delivered.")
    hundredths = statistics.quantiles(delays, n=100, method="inclusive")
    return {
        "p50": hundredths[49] * 1e3,
        "p99": hundredths[98] * 1e3,
        "longest": max(delays) * 1e3,
        "lost": messages * sockets - len(delays),
    }


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    sockets, seconds, rounds = PLANS[effort]
    cases = [
        case_of(one, World(people=sockets), partial(measure, sockets=sockets, seconds=seconds)) for one in CONTESTANTS
    ]
    setting = (
        f"{PER_SECOND} messages of {SIZE} bytes a second into a room of {sockets} sockets, for {seconds} s a round; "
        "a delay counts from when its message was due"
    )
    return Plan(cases, rounds, setting)


LATENCY = Scenario(
    "latency",
    "Latency of delivery",
    (
        Figure("p50", "p50 ms"),
        Figure("p99", "p99 ms"),
        Figure("longest", "longest ms"),
        Figure("lost", "lost", ".0f"),
    ),
    plan,
)
