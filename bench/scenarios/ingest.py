"""Ingest: the cost of accepting a message, committing, acknowledging and delivering it.

Many people send at the same time, each in a room of their own, so that there is almost no fan-out. A message counts
when it has come back to its sender; where the server acknowledges, the round ends when all are acknowledged, too.
"""

from functools import partial

from bench import servers
from bench.load import SIZE, Crowd
from bench.measuring import Effort, Figure, Plan, Sample, Scenario
from bench.runner import case_of, wait_until_idle, work
from bench.servers import Server, World

# Senders, messages of a round, rounds.
PLANS = {Effort.FULL: (100, 12_000, 3), Effort.QUICK: (100, 3_000, 2), Effort.SMALLEST: (5, 40, 1)}
OUTSTANDING = 4
CONTESTANTS = (
    servers.TEXTBOOK_POSTGRES,
    servers.TEXTBOOK,
    servers.DAPHNE,
    servers.UVICORN,
    servers.SQLITE,
    servers.UVICORN_SQLITE,
)


def measure(server: Server, *, senders: int, messages: int) -> Sample:
    """One round."""
    with Crowd(server.addresses(senders)) as crowd:
        done, used = work(server, crowd, messages=messages, outstanding=OUTSTANDING, speakers=senders)
    wait_until_idle(server)
    return {
        "per_cpu_second": (done.messages - done.lost) / used,
        "messages_per_second": (done.messages - done.lost) / done.seconds,
        "lost": done.lost,
        "load_share": done.load_share,
        **({"unacknowledged": done.messages - done.acknowledged} if server.acks else {}),
    }


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    senders, messages, rounds = PLANS[effort]
    world = World(people=senders, rooms=senders)
    cases = [
        case_of(one, world, partial(measure, senders=senders, messages=max(messages // one.slowness, senders)))
        for one in CONTESTANTS
    ]
    setting = (
        f"{senders} people, each in a room of their own, {OUTSTANDING} messages of {SIZE} bytes outstanding each, "
        f"{messages} messages a round (textbook: a quarter)"
    )
    return Plan(cases, rounds, setting)


INGEST = Scenario(
    "ingest",
    "Ingest",
    (
        Figure("per_cpu_second", "messages per CPU second", ".0f", more_is_better=True),
        Figure("messages_per_second", "messages/s", ".0f"),
        Figure("lost", "lost", ".0f"),
        Figure("unacknowledged", "not acknowledged", ".0f"),
        Figure("load_share", "load core", ".0%"),
    ),
    plan,
    compared=True,
)
