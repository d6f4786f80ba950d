"""Lighthouse: the first page on its phone: CPU 4 times slower, 150 ms and 1.6 Mbit/s away, all simulated."""

import contextlib
import json
import os
import subprocess
from collections.abc import Generator
from functools import partial
from pathlib import Path

from bench import servers
from bench.build import Build
from bench.machine import CORES
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.npm import install
from bench.servers import Contestant, Server, World
from support.chromium import FLAGS, need_chromium
from support.programs import need

# Messages of each room, rounds.
PLANS = {Effort.FULL: (10_000, 5), Effort.QUICK: (200, 3), Effort.SMALLEST: (60, 1)}
ROOMS = 12
WITHIN_SECONDS = 120


def measure(server: Server, folder: Path, chromium: Path) -> Sample:
    """One round."""
    address = f"http://127.0.0.1:{server.ports[0]}/rooms/room-0/"
    cookie = server.addresses(1)[0].headers["Cookie"]
    command = [str(need("node", package="nodejs")), "measure.mjs", str(chromium), json.dumps(FLAGS), address, cookie]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=WITHIN_SECONDS)
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed: {done.stderr.strip()[-1000:]}")
    found: Sample = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    lines, rounds = PLANS[effort]
    world = World(people=2, rooms=ROOMS, lines=lines, everywhere=True)
    setting = f"Chromium, on loopback, `manage.py serve` with SQLite; {ROOMS} rooms of {lines:,} messages"
    return Plan([_case("phone", servers.SQLITE, world)], rounds, setting)


def _case(name: str, contestant: Contestant, world: World) -> Case:
    def beside(build: Build) -> Case | None:
        other = contestant.beside(build)
        return _case(f"{name}-beside", other, world) if other else None

    return Case(name, "Lighthouse's phone", partial(_opened, contestant, world), beside=beside)


@contextlib.contextmanager
def _opened(contestant: Contestant, world: World) -> Generator[Measure]:
    chromium, folder = need_chromium(), install("lighthouse")
    server = contestant.start(world)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        yield partial(measure, server, folder, chromium)
    finally:
        os.sched_setaffinity(0, before)
        server.stop()


LIGHTHOUSE = Scenario(
    "lighthouse",
    "Lighthouse",
    (
        Figure("score", "performance, of 100", ".0f", more_is_better=True),
        Figure("first_paint", "ms until first paint", ".0f"),
        Figure("largest_paint", "ms until largest paint", ".0f"),
        Figure("speed_index", "speed index, ms", ".0f"),
        Figure("blocked", "ms blocked", ".0f"),
        Figure("shift", "layout shift", ".3f"),
    ),
    plan,
)
