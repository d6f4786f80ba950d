"""What the database does for a look-up of each kind, and how many statements a search has in one and in many rooms."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.search.speed import kinds
from chat.models import Membership, Participant
from chat.queries.search import search

_EXPLAIN = {"postgresql": "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ", "sqlite": "EXPLAIN QUERY PLAN "}


def plans(reader: Participant) -> dict[str, list[list[str]]]:
    """The plans of the look-ups of one query of each kind."""
    return {f"{kind}: {queries[0]}": _plans(reader, queries[0]) for kind, queries in kinds().items()}


def statements(reader: Participant) -> dict[str, dict[str, int]]:
    """The number of statements of one query of each kind, with all rooms and with one."""
    found = {"all rooms": _statements(reader)}
    alone = Participant.objects.create(username="alone")
    Membership.objects.create(user=alone, room=Membership.objects.filter(user=reader)[0].room)
    return found | {"one room": _statements(alone)}


def _statements(reader: Participant) -> dict[str, int]:
    counts = {}
    for kind, queries in kinds().items():
        with CaptureQueriesContext(connection) as captured:
            search(user=reader, query=queries[0])
        counts[kind] = len(captured)
    return counts


def _plans(reader: Participant, query: str) -> list[list[str]]:
    seen: list[tuple[str, Any]] = []
    with connection.execute_wrapper(_recording(seen)):
        search(user=reader, query=query)
    found = []
    with connection.cursor() as cursor:
        for statement, values in seen:
            cursor.execute(_EXPLAIN[connection.vendor] + statement, values)
            found.append([str(row[-1]) for row in cursor.fetchall()])
    return found


def _recording(seen: list[tuple[str, Any]]) -> Any:
    def run(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if "tokens" in statement:
            seen.append((statement, values))
        return execute(statement, values, many, context)

    return run
