"""Sockets: what a person costs who connects, and what they cost while they say nothing.

Ours are signed in by their cookie, enter a room and get its first page of history; the textbook's and those of the
libraries are anonymous and get nothing.
"""

from functools import partial

from bench import servers
from bench.load import Crowd
from bench.measuring import Effort, Figure, Plan, Sample, Scenario
from bench.runner import case_of, wait_until_idle
from bench.servers import Server, World

# Sockets, rounds.
PLANS = {Effort.FULL: (1_000, 2), Effort.QUICK: (400, 1), Effort.SMALLEST: (4, 1)}
# In each room: those who are there are told of each who comes.
PEOPLE_IN_A_ROOM = 10
LINES = 60
# What is loaded and made once must not count for the first sockets; but few, because what they leave is used again.
WARM_UP_SOCKETS = 10
CONTESTANTS = (
    servers.TEXTBOOK,
    servers.TEXTBOOK_PUBSUB,
    servers.WEBSOCKETS,
    servers.SOCKETIO_REDIS,
    servers.SQLITE,
    servers.DAPHNE,
    servers.UVICORN,
)


def measure(server: Server, *, sockets: int) -> Sample:
    addresses = server.addresses(sockets)
    with Crowd(addresses[:WARM_UP_SOCKETS]) as crowd:
        crowd.settle()
    wait_until_idle(server)
    memory, used = server.memory_bytes(), server.cpu_seconds()
    with Crowd(addresses) as crowd:
        crowd.settle()
        used = server.cpu_seconds() - used
        wait_until_idle(server)
        memory = server.memory_bytes() - memory
    return {"kb": memory / sockets / 1e3, "ms": used / sockets * 1e3}


def plan(effort: Effort) -> Plan:
    sockets, rounds = PLANS[effort]
    world = World(people=sockets, rooms=max(sockets // PEOPLE_IN_A_ROOM, 1), lines=LINES)
    cases = [case_of(one, world, partial(measure, sockets=sockets)) for one in CONTESTANTS]
    setting = f"{sockets} people enter rooms of {PEOPLE_IN_A_ROOM}; a new server for each round"
    return Plan(cases, rounds, setting)


SOCKETS = Scenario(
    "sockets",
    "Connecting, and sitting idle",
    (Figure("kb", "KB per idle socket"), Figure("ms", "CPU ms per connect", ".2f")),
    plan,
    fresh=True,
)
