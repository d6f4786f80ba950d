"""Ingest while somebody is to be notified of each message, beside ingest without.

As `ingest`, with a second member in each room, who is away. Two servers run at the same time: at one that member has a
device and is notified of everything, at the other not. They are sent the same messages in turn, in bursts of a tenth of
a second: what a busy machine does to one it does to the other, too. Compared is the CPU time of the two processes.

The bursts end before the first message has waited the 8 s after which pushes are decided, on servers that are started
for it: what is measured is posting, with the looks for what is new, not the pushes, which `notifications` measures.
"""

import contextlib
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial

from bench import servers
from bench.build import Build
from bench.load import SIZE, Crowd, Round
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.runner import wait_until_idle
from bench.scenarios.ingest import OUTSTANDING
from bench.servers import Contestant, Server, World

# Senders, messages per burst, most bursts per round and server, rounds.
PLANS = {Effort.FULL: (100, 500, 10, 12), Effort.QUICK: (100, 500, 6, 3), Effort.SMALLEST: (5, 20, 2, 1)}
CONTESTANTS = (servers.SQLITE, servers.DAPHNE)
# A push service that refuses each connection.
NOWHERE = "http://127.0.0.1:9"
# The last burst must end this many seconds after the first message.
PATIENCE_SECONDS = 8.0


@dataclass
class _Side:
    """A server, its senders, and the CPU seconds that the bursts cost it."""

    server: Server
    crowd: Crowd
    used: float = 0.0

    def burst(self, messages: int, senders: int) -> Round:
        """Let everyone send at the same time."""
        before = self.server.cpu_seconds()
        done = self.crowd.speak(
            self.server.say, messages=messages, outstanding=OUTSTANDING, speakers=senders, acks=True
        )
        self.used += self.server.cpu_seconds() - before
        return done


def measure(without: Server, with_devices: Server, *, senders: int, messages: int, bursts: int) -> Sample:
    """One round."""
    with contextlib.ExitStack() as stack:
        sides = []
        for server in (without, with_devices):
            sides.append(_Side(server, stack.enter_context(Crowd(server.addresses(senders)))))
            sides[-1].crowd.settle()
            wait_until_idle(server)
        began = time.monotonic()
        for side in sides:
            # Warm-up: work done only for the first messages is not compared.
            side.burst(messages, senders)
            side.used = 0.0
        done: list[Round] = []
        longest = time.monotonic() - began
        while len(done) < 2 * bursts and (since := time.monotonic()) - began + 2 * longest < PATIENCE_SECONDS:
            # The order alternates: the second server finds the first one in the caches of the processor.
            done += [side.burst(messages, senders) for side in (sides if len(done) % 4 else reversed(sides))]
            longest = max(longest, time.monotonic() - since)
        took = time.monotonic() - began
    if took > PATIENCE_SECONDS or not done:
        raise RuntimeError(f"The bursts took {took:.1f} s: pushes were decided before they ended.")
    plain, notifying = (messages * len(done) / 2 / side.used for side in sides)
    return {
        "ratio": notifying / plain,
        "with": notifying,
        "without": plain,
        "lost": sum(one.lost for one in done),
        "unacknowledged": sum(one.messages - one.acknowledged for one in done),
        "load_share": max(one.load_share for one in done),
    }


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    senders, messages, bursts, rounds = PLANS[effort]
    world = World(people=2 * senders, rooms=senders)
    measured = partial(measure, senders=senders, messages=messages, bursts=bursts)
    setting = (
        f"{senders} people, each in a room with one other, who is away, {OUTSTANDING} messages of {SIZE} bytes "
        f"outstanding each, at most {bursts} bursts of {messages} messages a round at a server whose people have "
        "devices, in turn with as many at one whose people have none: the messages per CPU second of the first, "
        "beside the other's"
    )
    return Plan([_case(one, world, measured) for one in CONTESTANTS], rounds, setting)


def _case(one: Contestant, world: World, measured: "partial[Sample]") -> Case:
    @contextlib.contextmanager
    def opened() -> Generator[Measure]:
        with contextlib.ExitStack() as stack:
            started = []
            for its_world in (world, replace(world, devices=NOWHERE)):
                started.append(one.start(its_world))
                stack.callback(started[-1].stop)
            yield partial(measured, *started)

    def beside(build: Build) -> Case | None:
        other = one.beside(build)
        return _case(other, world, measured) if other else None

    return Case(one.name, one.title, opened, beside=beside)


AWAY = Scenario(
    "away",
    "Ingest beside notifications",
    (
        Figure("ratio", "times ingest without devices", ".3f", more_is_better=True),
        Figure("with", "messages per CPU second with", ".0f", more_is_better=True),
        Figure("without", "without", ".0f", more_is_better=True),
        Figure("lost", "lost", ".0f"),
        Figure("unacknowledged", "not acknowledged", ".0f"),
        Figure("load_share", "load core", ".0%"),
    ),
    plan,
    fresh=True,
)
