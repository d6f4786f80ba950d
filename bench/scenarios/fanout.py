"""Fan-out: the CPU time of the server for one delivery.

Many sockets are in one room; one of them sends, and keeps a few messages outstanding: it sends the next one when one of
its own has come back. Measured is the CPU time of the server process, all its threads, from the first message sent to
the last one delivered, divided by the deliveries. Elapsed time is not measured: a server that waits costs nothing.
"""

from dataclasses import replace
from functools import partial

from bench import servers
from bench.load import SIZE, Crowd
from bench.measuring import Case, Effort, Figure, Plan, Sample, Scenario
from bench.runner import case_of, wait_until_idle, work
from bench.servers import Contestant, Server, World

# Sockets in the room, messages of a round, rounds.
PLANS = {Effort.FULL: (200, 400, 5), Effort.QUICK: (200, 100, 2), Effort.SMALLEST: (4, 20, 1)}
BURST_PLANS = {Effort.FULL: (200, 640, 3), Effort.QUICK: (200, 200, 1), Effort.SMALLEST: (4, 40, 1)}
OUTSTANDING = 4
BURST_OUTSTANDING = 64
FIGURES = (
    Figure("us", "µs per delivery"),
    Figure("messages_per_second", "messages/s", ".0f"),
    Figure("lost", "lost", ".0f"),
    Figure("load_share", "load core", ".0%"),
)
PEERS = (servers.WEBSOCKETS, servers.SOCKETIO, servers.SOCKETIO_REDIS)
OURS = (servers.SQLITE, servers.DAPHNE, servers.UVICORN)


def measure(server: Server, *, sockets: int, messages: int, outstanding: int, subprotocol: str = "") -> Sample:
    """One round."""
    with Crowd(server.addresses(sockets, subprotocol=subprotocol)) as crowd:
        done, used = work(server, crowd, messages=messages, outstanding=outstanding)
    wait_until_idle(server)
    return {
        "us": used / done.deliveries * 1e6,
        "messages_per_second": done.messages / done.seconds,
        "lost": done.lost,
        "load_share": done.load_share,
    }


def plan(effort: Effort) -> Plan:
    """The cases and rounds of fan-out."""
    sockets, messages, rounds = PLANS[effort]
    contestants = [servers.TEXTBOOK, servers.TEXTBOOK_PUBSUB, *PEERS, *OURS]
    cases = [_case(one, sockets, messages, OUTSTANDING) for one in contestants]
    return Plan(cases, rounds, _setting(sockets, messages, OUTSTANDING))


def burst_plan(effort: Effort) -> Plan:
    """The cases and rounds of a burst: 64 messages outstanding."""
    sockets, messages, rounds = BURST_PLANS[effort]
    cases = [_case(one, sockets, messages, BURST_OUTSTANDING) for one in (servers.TEXTBOOK_PUBSUB, *PEERS, *OURS)]
    cases += [
        _case(
            replace(one, name=f"{one.name}-batch", title=f"{one.title}, chat.v1.batch"),
            sockets,
            messages,
            BURST_OUTSTANDING,
            "chat.v1.batch",
        )
        for one in (servers.DAPHNE, servers.UVICORN)
    ]
    return Plan(cases, rounds, _setting(sockets, messages, BURST_OUTSTANDING))


def _case(one: Contestant, sockets: int, messages: int, outstanding: int, subprotocol: str = "") -> Case:
    messages = max(messages // one.slowness, 1)
    doing = partial(measure, sockets=sockets, messages=messages, outstanding=outstanding, subprotocol=subprotocol)
    return case_of(one, World(people=sockets), doing)


def _setting(sockets: int, messages: int, outstanding: int) -> str:
    return (
        f"{sockets} sockets in one room, one of them speaks, {outstanding} messages of {SIZE} bytes outstanding, "
        f"{messages} messages a round (textbook: a quarter)"
    )


FANOUT = Scenario("fanout", "Fan-out", FIGURES, plan, compared=True)
BURST = Scenario("burst", "Fan-out under load", FIGURES, burst_plan, compared=True)
