"""Growth: whether a delivery costs the same in a larger room, and a message with more rooms."""

import contextlib
import functools
from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import partial

from bench import servers
from bench.build import Build
from bench.load import SIZE, Crowd
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.runner import wait_until_idle, work
from bench.servers import SERVE_COMMAND, UVICORN_COMMAND, Contestant, Server, World, our_contestant

# Sizes, deliveries or messages of a round, rounds.
SOCKETS_PLANS = {
    Effort.FULL: ((25, 100, 400, 1_600), 40_000, 2),
    Effort.QUICK: ((25, 200), 10_000, 1),
    Effort.SMALLEST: ((2, 4), 40, 1),
}
ROOMS_PLANS = {
    Effort.FULL: ((10, 100, 1_000), 6_000, 3),
    Effort.QUICK: ((10, 100), 2_000, 1),
    Effort.SMALLEST: ((2, 4), 40, 1),
}
OUTSTANDING = 4
ROOMS_OUTSTANDING = 100
FIGURES = (Figure("us", "CPU µs"), Figure("lost", "lost", ".0f"))
PROGRAMS = {"serve": SERVE_COMMAND, "uvicorn": UVICORN_COMMAND}


def in_one_room(server: Server, *, sockets: int, deliveries: int) -> Sample:
    """One round with a room of this size."""
    with Crowd(server.addresses(sockets)) as crowd:
        done, used = work(server, crowd, messages=deliveries // sockets, outstanding=OUTSTANDING)
    wait_until_idle(server)
    return {"us": used / done.deliveries * 1e6, "lost": done.lost}


def in_many_rooms(server: Server, *, rooms: int, messages: int) -> Sample:
    """One round with this number of rooms."""
    with Crowd(server.addresses(rooms)) as crowd:
        outstanding = min(ROOMS_OUTSTANDING, messages)
        done, used = work(server, crowd, messages=messages, outstanding=outstanding, speakers=rooms, rotate=True)
    wait_until_idle(server)
    return {"us": used / done.messages * 1e6, "lost": done.lost}


def sockets_plan(effort: Effort) -> Plan:
    """The cases and rounds of larger rooms."""
    sizes, deliveries, rounds = SOCKETS_PLANS[effort]
    # Not the socket of one room: its members would get a presence event for each connection.
    contestants = [
        servers.WEBSOCKETS,
        *(_ours(program, overview=True) for program in PROGRAMS),
    ]
    cases = [
        case
        for one in contestants
        for case in _curve(
            one,
            World(people=max(sizes)),
            {size: partial(in_one_room, sockets=size, deliveries=deliveries) for size in sizes},
            "sockets",
        )
    ]
    setting = (
        f"one room, one of its sockets speaks, {OUTSTANDING} messages of {SIZE} bytes outstanding, "
        f"{deliveries} deliveries a round; CPU per delivery"
    )
    return Plan(cases, rounds, setting)


def rooms_plan(effort: Effort) -> Plan:
    """The cases and rounds of more rooms."""
    sizes, messages, rounds = ROOMS_PLANS[effort]
    cases = [
        case
        for one in map(_ours, PROGRAMS)
        for case in _curve(
            one,
            World(people=max(sizes), rooms=max(sizes)),
            {size: partial(in_many_rooms, rooms=size, messages=messages) for size in sizes},
            "rooms",
        )
    ]
    setting = (
        f"one person in each room, who speak in turn, {ROOMS_OUTSTANDING} messages of {SIZE} bytes outstanding in all, "
        f"{messages} messages a round; CPU per message accepted, committed, acknowledged and delivered"
    )
    return Plan(cases, rounds, setting)


def _ours(program: str, *, overview: bool = False) -> Contestant:
    title = f"Backchannel: Redis, {program}, PostgreSQL"
    return our_contestant(program, title, "postgresql", PROGRAMS[program], overview=overview)


def _curve(one: Contestant, world: World, points: Mapping[int, partial[Sample]], unit: str) -> list[Case]:
    """The points of one contestant, all measured on one server; another build has one server for all of its own."""

    @functools.cache
    def others(build: Build) -> dict[float | None, Case]:
        other = one.beside(build)
        return {case.at: case for case in _points(other, world, points, unit)} if other else {}

    def beside(case: Case, build: Build) -> Case | None:
        other = others(build).get(case.at)
        # A separate row, left out of the charts.
        return replace(other, name=f"{case.name}-beside", series="", at=None) if other else None

    return [replace(case, beside=partial(beside, case)) for case in _points(one, world, points, unit)]


def _points(one: Contestant, world: World, points: Mapping[int, partial[Sample]], unit: str) -> list[Case]:
    running: list[Server] = []

    def server() -> Server:
        if not running:
            running.append(one.start(world))
        return running[0]

    @contextlib.contextmanager
    def opened(measure: partial[Sample]) -> Generator[Measure]:
        try:
            yield lambda: measure(server())
        finally:
            while running:
                running.pop().stop()

    return [
        Case(f"{one.name}-{size}", f"{one.title}, {size} {unit}", functools.partial(opened, measure), one.name, size)
        for size, measure in points.items()
    ]


ROOM_SIZE = Scenario("room-size", "Larger rooms", FIGURES, sockets_plan)
ROOMS = Scenario("rooms", "More rooms", FIGURES, rooms_plan)
