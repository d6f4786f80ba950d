"""Processes: whether a delivery costs the same when several server processes share the people."""

from functools import partial

from bench.load import SIZE, Crowd
from bench.measuring import Case, Effort, Figure, Plan, Sample, Scenario
from bench.runner import case_of, wait_until_idle, work
from bench.servers import SERVE_COMMAND, UVICORN_COMMAND, Contestant, Server, World, ours

# Processes, sockets in each, messages of a round, rounds.
PLANS = {
    Effort.FULL: ((1, 2, 4), 200, 300, 3),
    Effort.QUICK: ((1, 2, 4), 200, 100, 1),
    Effort.SMALLEST: ((1, 2), 4, 20, 1),
}
OUTSTANDING = 4
PROGRAMS = {"serve": SERVE_COMMAND, "uvicorn": UVICORN_COMMAND}


def measure(server: Server, *, sockets: int, messages: int) -> Sample:
    """One round with this number of sockets in each process, and one with this number in all."""
    costs = {}
    lost = 0
    for key, number in {"us": sockets * len(server.children), "us_shared": sockets}.items():
        with Crowd(server.addresses(number)) as crowd:
            done, used = work(server, crowd, messages=messages, outstanding=OUTSTANDING)
        wait_until_idle(server)
        costs[key] = used / done.deliveries * 1e6
        lost += done.lost
    return {**costs, "lost": lost}


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    counts, sockets, messages, rounds = PLANS[effort]
    cases = []
    for program, command in PROGRAMS.items():
        for count in counts:
            title = f"Backchannel: Redis, {program}, PostgreSQL, {count} process{'es' if count > 1 else ''}"
            one = Contestant(f"{program}-{count}", title, ours("postgresql", command, processes=count))
            opened = case_of(one, World(people=sockets * count), partial(measure, sockets=sockets, messages=messages))
            cases.append(Case(one.name, one.title, opened.open, series=program, at=count))
    setting = (
        f"{sockets} sockets in each process, or {sockets} in all, in one room; one of them speaks, {OUTSTANDING} "
        f"messages of {SIZE} bytes outstanding, {messages} messages a round; CPU of all server processes together"
    )
    return Plan(cases, rounds, setting)


PROCESSES = Scenario(
    "processes",
    "Several processes on Redis",
    (
        Figure("us", "µs per delivery, sockets in each", ".1f"),
        Figure("us_shared", "µs per delivery, sockets in all", ".1f"),
        Figure("lost", "lost", ".0f"),
    ),
    plan,
)
