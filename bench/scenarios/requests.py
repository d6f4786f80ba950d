"""Requests: the CPU time of one request to the API or for a page.

The requests of a round follow each other on one connection, so that it is a request's cost and not that of a queue.
"""

import contextlib
import http.client
import json
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

from bench import servers
from bench.build import Build
from bench.client import form_headers
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.runner import wait_until_idle
from bench.servers import Contestant, Server, World

# Requests of a round, rounds.
PLANS = {Effort.FULL: (200, 5), Effort.QUICK: (200, 2), Effort.SMALLEST: (3, 1)}
LINES = 1_000
_MESSAGES = "/api/v1/rooms/room-0/messages"


@dataclass(frozen=True)
class _Kind:
    """A request that is measured. `by`: a token, the session's cookie, or nothing."""

    name: str
    title: str
    path: str
    by: str = "token"
    method: str = "GET"


KINDS = (
    _Kind("me", "GET /api/v1/me, with a token", "/api/v1/me"),
    _Kind("messages", "GET of a room's newest messages, with a token", _MESSAGES),
    _Kind("post", "POST of a message, with a token", _MESSAGES, method="POST"),
    _Kind("login", "the page to sign in", "/accounts/login/", by="nothing"),
    _Kind("room", "the page of a room, with a session's cookie", "/rooms/room-0/", by="cookie"),
)


def measure(server: Server, kind: _Kind, headers: dict[str, str], *, requests: int) -> Sample:
    """One round."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.ports[0], timeout=60)) as line:
        # Warm-up: loading for the first request is no cost of the others.
        _ask(line, kind, headers)
        wait_until_idle(server)
        used = server.cpu_seconds()
        for _ in range(requests):
            _ask(line, kind, headers)
        return {"cpu": 1000 * (server.cpu_seconds() - used) / requests}


def _ask(line: http.client.HTTPConnection, kind: _Kind, headers: dict[str, str]) -> bytes:
    body = json.dumps({"message": "I am on my way."}).encode() if kind.method == "POST" else None
    line.request(kind.method, kind.path, body, headers)
    response = line.getresponse()
    said = response.read()
    if response.status not in (200, 201):
        raise RuntimeError(f"{kind.method} {kind.path} was answered with {response.status}: {said[:300]!r}")
    return said


def _headers(server: Server, kind: _Kind) -> dict[str, str]:
    person = server.enter(0, server.ports[0])
    if kind.by == "cookie":
        return {"Cookie": person.headers["Cookie"], "Accept-Encoding": "gzip"}
    if kind.by == "nothing":
        return {"Accept-Encoding": "gzip"}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.ports[0], timeout=60)) as line:
        asked = json.dumps({"name": "measured", "scopes": ["read", "write"]})
        line.request("POST", "/api/v1/tokens", asked, form_headers(person) | {"Content-Type": "application/json"})
        issued = json.loads(line.getresponse().read())
    return {"Authorization": f"Bearer {issued['token']}", "Content-Type": "application/json"}


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    requests, rounds = PLANS[effort]
    cases = [_case(kind.name, kind.title, servers.SQLITE, kind, requests) for kind in KINDS]
    setting = f"`manage.py serve` with SQLite; {requests} requests a round, one after the other on one connection"
    return Plan(cases, rounds, setting)


def _case(name: str, title: str, contestant: Contestant, kind: _Kind, requests: int) -> Case:
    def beside(build: Build) -> Case | None:
        other = contestant.beside(build)
        return _case(f"{name}-beside", f"{title}, other build", other, kind, requests) if other else None

    return Case(name, title, partial(_opened, contestant, kind, requests), beside=beside)


@contextlib.contextmanager
def _opened(contestant: Contestant, kind: _Kind, requests: int) -> Generator[Measure]:
    server = contestant.start(World(people=2, lines=LINES))
    try:
        yield partial(measure, server, kind, _headers(server, kind), requests=requests)
    finally:
        server.stop()


REQUESTS = Scenario("requests", "Requests", (Figure("cpu", "CPU ms per request", ".2f"),), plan)
