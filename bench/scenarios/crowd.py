"""Crowd: ten thousand idle people on one process, and then a message of one of them."""

import statistics
import time
from functools import partial

from bench import servers
from bench.load import Crowd
from bench.machine import allow_files
from bench.measuring import Effort, Figure, Plan, Sample, Scenario
from bench.npm import Unavailable
from bench.runner import case_of, wait_until_idle
from bench.servers import SERVE_COMMAND, UVICORN_COMMAND, Server, World, our_contestant

# Sockets, seconds of idling, messages, rounds.
PLANS = {Effort.FULL: (10_000, 40, 7, 1), Effort.QUICK: (2_000, 5, 3, 1), Effort.SMALLEST: (6, 0.5, 2, 1)}
# Seconds for the work that a server defers while clients connect.
SETTLING_SECONDS = 30.0
# Other open files of a server.
SPARE_FILES = 500
# Like the browser, all clients connect to the socket of all their rooms.
CONTESTANTS = (
    servers.WEBSOCKETS,
    our_contestant("daphne", "Backchannel: Redis, serve, PostgreSQL", "postgresql", SERVE_COMMAND, overview=True),
    our_contestant("uvicorn", "Backchannel: Redis, uvicorn, PostgreSQL", "postgresql", UVICORN_COMMAND, overview=True),
)


def measure(server: Server, *, sockets: int, idle_seconds: float, messages: int) -> Sample:
    """One round."""
    if (most := allow_files()) < sockets + SPARE_FILES:
        raise Unavailable(f"The system lets a process hold {most} files (ulimit -Hn), too few for {sockets} sockets.")
    began = time.monotonic()
    with Crowd(server.addresses(sockets)) as crowd:
        crowd.settle()
        opened = time.monotonic() - began
        wait_until_idle(server, patience=SETTLING_SECONDS)
        memory, used = server.memory_bytes(), server.cpu_seconds()
        # Twice the ping interval: with any other duration, some sockets get one ping more than others.
        crowd.listen(idle_seconds, awake=True)
        used = server.cpu_seconds() - used
        rounds = [crowd.speak(server.say, messages=1, outstanding=1) for _ in range(messages)]
    return {
        "seconds": statistics.median(one.seconds for one in rounds),
        "megabytes": memory / 1e6,
        "idle_share": used / idle_seconds,
        "open_seconds": opened,
        "lost": sum(one.lost for one in rounds),
        "load_share": max(one.load_share for one in rounds),
    }


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    sockets, idle_seconds, messages, rounds = PLANS[effort]
    doing = partial(measure, sockets=sockets, idle_seconds=idle_seconds, messages=messages)
    cases = [case_of(one, World(people=sockets), doing) for one in CONTESTANTS]
    setting = (
        f"{sockets} sockets of as many people in one room on one process; idle for {idle_seconds} s, then {messages} "
        "messages to all, one after the other"
    )
    return Plan(cases, rounds, setting)


CROWD = Scenario(
    "crowd",
    "Ten thousand on one process",
    (
        Figure("seconds", "s until all have a message", ".2f"),
        Figure("megabytes", "MB", ".0f"),
        Figure("idle_share", "CPU while idle", ".1%"),
        Figure("open_seconds", "s to let all in", ".0f"),
        Figure("lost", "lost", ".0f"),
        Figure("load_share", "load core", ".0%"),
    ),
    plan,
    fresh=True,
)
