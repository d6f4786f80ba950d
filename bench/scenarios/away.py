"""Ingest while somebody is to be notified of each message, beside ingest without.

As `ingest`, with a second member in each room, who is away. In one row of each pair that member has a device and is
notified of everything, in the other not. A round ends before its first messages have waited the 8 s after which pushes
are decided, on a server that is started for it: what is measured is posting, not the pushes, which `notifications`
measures.
"""

from dataclasses import replace
from functools import partial

from bench import servers
from bench.load import SIZE
from bench.measuring import Effort, Figure, Plan, Scenario
from bench.runner import case_of
from bench.scenarios.ingest import OUTSTANDING, measure
from bench.servers import World

# Senders, messages of a round, rounds.
PLANS = {Effort.FULL: (100, 6_000, 5), Effort.QUICK: (100, 3_000, 3), Effort.SMALLEST: (5, 40, 1)}
CONTESTANTS = (servers.SQLITE, servers.DAPHNE)
# A push service that refuses each connection.
NOWHERE = "http://127.0.0.1:9"


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    senders, messages, rounds = PLANS[effort]
    world = World(people=2 * senders, rooms=senders)
    cases = []
    for one in CONTESTANTS:
        with_devices = replace(one, name=f"{one.name}-devices", title=f"{one.title}, each message to a device")
        for contestant, its_world in ((one, world), (with_devices, replace(world, devices=NOWHERE))):
            cases.append(case_of(contestant, its_world, partial(measure, senders=senders, messages=messages)))
    setting = (
        f"{senders} people, each in a room with one other, who is away, {OUTSTANDING} messages of {SIZE} bytes "
        f"outstanding each, {messages} messages a round"
    )
    return Plan(cases, rounds, setting)


AWAY = Scenario(
    "away",
    "Ingest beside notifications",
    (
        Figure("per_cpu_second", "messages per CPU second", ".0f", more_is_better=True),
        Figure("messages_per_second", "messages/s", ".0f"),
        Figure("lost", "lost", ".0f"),
        Figure("unacknowledged", "not acknowledged", ".0f"),
        Figure("load_share", "load core", ".0%"),
    ),
    plan,
    fresh=True,
)
