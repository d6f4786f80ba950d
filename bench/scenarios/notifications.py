"""Notifications: the CPU time of a push to a device of each member who is away, and its delay.

One member of a room posts, the others have a device each and are notified of everything. Counted is from the end of the
posting until the last push has arrived, with the 8 s in which an open page could have taken it.
"""

import contextlib
import statistics
import time
from collections.abc import Generator
from dataclasses import replace
from functools import partial

from bench import servers
from bench.build import Build
from bench.load import Crowd
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.push_service import PushService
from bench.runner import wait_until_idle
from bench.servers import Contestant, Server, World

# Members, messages of a round, rounds.
PLANS = {Effort.FULL: (501, 8, 3), Effort.QUICK: (501, 4, 1), Effort.SMALLEST: (6, 2, 1)}
CONTESTANTS = (servers.SQLITE, servers.DAPHNE)
# Seconds in which a page may take a message before a push is sent.
PATIENCE_SECONDS = 8.0
ARRIVE_SECONDS = 60.0


def measure(server: Server, service: PushService, *, members: int, messages: int) -> Sample:
    """One round."""
    wait_until_idle(server)
    before = len(service.times())
    expected = messages * (members - 1)
    with Crowd(server.addresses(1)) as crowd:
        crowd.settle()
        posted = time.monotonic()
        crowd.speak(server.say, messages=messages, outstanding=1, acks=True)
        used = server.cpu_seconds()
        crowd.listen(PATIENCE_SECONDS - 1)
        service.wait_for(before + expected, seconds=ARRIVE_SECONDS)
        used = server.cpu_seconds() - used
    # Leaves time for duplicates, which arrive soon.
    wait_until_idle(server)
    delays = sorted(at - posted - PATIENCE_SECONDS for at in service.times()[before:])
    came = len(delays)
    return {
        "per_cpu_second": min(came, expected) / used,
        "delay": statistics.median(delays) if delays else 0.0,
        "delay_p99": delays[int(0.99 * (came - 1))] if delays else 0.0,
        "lost": max(expected - came, 0),
        "doubled": max(came - expected, 0),
    }


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    members, messages, rounds = PLANS[effort]
    world = World(people=members)
    cases = [_case(one, world, messages) for one in CONTESTANTS]
    setting = (
        f"a room of {members} members, each with a device and notified of everything; {messages} messages of one of "
        f"them, so {messages * (members - 1)} pushes a round, to a push service without TLS"
    )
    return Plan(cases, rounds, setting)


def _case(one: Contestant, world: World, messages: int) -> Case:
    def beside(build: Build) -> Case | None:
        other = one.beside(build)
        return _case(other, world, messages) if other else None

    return Case(one.name, one.title, partial(_opened, one, world, messages), beside=beside)


@contextlib.contextmanager
def _opened(one: Contestant, world: World, messages: int) -> Generator[Measure]:
    with PushService() as service:
        server = one.start(replace(world, devices=service.origin))
        try:
            yield partial(measure, server, service, members=world.people, messages=messages)
        finally:
            server.stop()


NOTIFICATIONS = Scenario(
    "notifications",
    "Notifications",
    (
        Figure("per_cpu_second", "pushes per CPU second", ".0f", more_is_better=True),
        Figure("delay", "s after the 8 s, median", ".1f"),
        Figure("delay_p99", "s after the 8 s, p99", ".1f"),
        Figure("lost", "lost", ".0f"),
        Figure("doubled", "doubled", ".0f"),
    ),
    plan,
)
