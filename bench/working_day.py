"""`bin/bench --day`: a working day of many people on two processes of `manage.py serve`, in minutes.

Everybody has one socket of all their rooms, as a page has: a team of 25, a department of 200, and the room of all. What
a person does in a day is in `DAY`, at random moments. Nothing is left out, so that the minutes have the work of eight
hours. Each socket must get each message of its rooms once and in order, also over its reconnects.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bench import scaling
from bench.machine import allow_files, cpu_seconds_with_children, memory_bytes
from bench.people import DAY, DEPARTMENT, TEAM, People
from bench.progress import say
from bench.servers import SERVE_COMMAND, Server, World, ours, postgres

PROCESSES = 2
WORKING_HOURS = 8


def main(given: Sequence[str] | None = None) -> int:
    """Measure a day. Returns the exit code: 1 when a message was lost or came twice."""
    parser = argparse.ArgumentParser(
        prog="bin/bench --day", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=10_000, help="default: 10,000")
    parser.add_argument("--minutes", type=float, default=36.0, help="how long the day takes (default: 36)")
    parser.add_argument("--write-docs", action="store_true", help="also write docs/scaling.md")
    options = parser.parse_args(given)
    if options.people < 2 or options.minutes <= 0:
        parser.error("a day has at least two people and some time")
    allow_files()
    sizes = tuple(dict.fromkeys(min(size, options.people) for size in (TEAM, DEPARTMENT, options.people)))
    world = World(people=options.people, rooms=1, sizes=sizes)
    server = ours("postgresql", SERVE_COMMAND, processes=PROCESSES, overview=True)(world)
    try:
        found = measure(server, options.people, options.minutes, sizes)
    finally:
        server.stop()
    day = {"people": options.people, "minutes": options.minutes, "acts of a person": DAY, **found}
    print(json.dumps(day, indent=1))
    if found["lost"] or found["doubled"]:
        # Also when the server or the load was too slow: such figures describe the machine and are not kept.
        return 1
    if options.write_docs:
        scaling.write_docs("day", options.people, day)
    return 0


def measure(server: Server, number: int, minutes: float, sizes: Sequence[int]) -> dict[str, object]:
    """One day of this number of people."""
    assert server.redis
    parts: dict[str, Callable[[], float]] = {
        "serve": server.cpu_seconds,
        "PostgreSQL": partial(cpu_seconds_with_children, postgres().child.pid),
        "Redis": partial(cpu_seconds_with_children, server.redis.child.pid),
    }
    with People(server.addresses(number), sizes, minutes=minutes) as people:
        began = time.monotonic()
        people.arrive()
        arrived = time.monotonic() - began
        say(f"{number} people are there after {arrived:.0f} s")
        before, own = {part: cpu() for part, cpu in parts.items()}, time.process_time()
        people.work()
        used = {part: round(cpu() - before[part], 1) for part, cpu in parts.items()}
        load = (time.process_time() - own) / (minutes * 60)
        people.go_home()
        memory = [round(memory_bytes(child.pid) / 1e6) for child in server.children]
    return {
        "seconds to arrive": round(arrived),
        "messages": people.posted,
        "deliveries": people.deliveries,
        "lost": people.lost(),
        "doubled": people.doubled,
        "sockets that the server closed": people.dropped,
        "milliseconds": {what: _cuts(took) for what, took in people.took.items()},
        "CPU seconds": used,
        "share of a core over eight hours": {part: round(cpu / WORKING_HOURS / 3600, 4) for part, cpu in used.items()},
        "MB of each process": memory,
        "load core": round(load, 2),
    }


def _cuts(took: Sequence[float]) -> Mapping[str, float]:
    if len(took) < 2:
        return {"n": len(took)}
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return {"n": len(took), **{f"p{at}": round(cuts[at - 1] * 1e3, 1) for at in (50, 95, 99)}}


if __name__ == "__main__":
    sys.exit(main())
