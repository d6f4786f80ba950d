"""Sockets: the cost of connecting, and of an idle connection.

Ours are signed in by cookie, enter a room and get its first page of history; those of the textbook and of the libraries
are anonymous and get nothing.
"""

from functools import partial

from bench import servers
from bench.load import Crowd
from bench.measuring import Effort, Figure, Plan, Sample, Scenario
from bench.runner import case_of, wait_until_idle
from bench.servers import Server, World

# Sockets, rounds.
PLANS = {Effort.FULL: (1_000, 2), Effort.QUICK: (400, 1), Effort.SMALLEST: (4, 1)}
# People in each room: each connection causes a presence event for the others.
PEOPLE_IN_A_ROOM = 10
LINES = 60
# Warm up what is loaded once, with few sockets: the measured ones reuse their memory.
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
    """One round."""
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
    """The cases and rounds."""
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
