"""Queries: the cost of reads in PostgreSQL with a long history, and with one a hundredth as long."""

import contextlib
import json
from collections.abc import Generator
from functools import partial

from bench.archive import ROOMS, archive
from bench.machine import pinned
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.servers import environment
from support import forks
from support.servers import PYTHON

# Names of `bench.query_timing`, which runs in a process with Django.
PAGE, CHANGES = 50, 500
# Messages in the largest room, runs of each query in a round, rounds.
PLANS = {
    Effort.FULL: ((50_000, 500_000, 5_000_000), 50, 3),
    Effort.QUICK: ((5_000, 500_000), 20, 1),
    Effort.SMALLEST: ((1_000,), 3, 1),
}
TITLES = {
    "newest": f"newest page of {PAGE} messages",
    "older": f"page of {PAGE} messages somewhere in the history",
    "unread": f"unread counts of a person in {ROOMS} rooms",
    "resume": f"resume of {CHANGES} changes",
}


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    sizes, times, rounds = PLANS[effort]
    cases = [
        Case(f"{name}-{size}", f"{title}, {size:,} messages", partial(_opened, name, size, times), series=name, at=size)
        for name, title in TITLES.items()
        for size in sizes
    ]
    setting = f"medians of {times} times a round, at PostgreSQL by EXPLAIN ANALYZE, and with everything around"
    return Plan(cases, rounds, setting)


@contextlib.contextmanager
def _opened(name: str, size: int, times: int) -> Generator[Measure]:
    env = environment(archive(size))
    command = [*pinned(), PYTHON, "-m", "bench.query_timing", name, str(times)]

    def measure() -> Sample:
        done = forks.run(command, env=env)
        if done.returncode:
            raise RuntimeError(done.stderr[-1000:])
        sample: Sample = json.loads(done.stdout)
        return sample

    yield measure


QUERIES = Scenario(
    "queries",
    "A long history",
    (Figure("server_ms", "ms at PostgreSQL", ".2f"), Figure("ms", "ms in all", ".2f")),
    plan,
)
