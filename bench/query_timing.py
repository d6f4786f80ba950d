"""`python -m bench.query_timing NAME TIMES`: run our own queries in the database of the environment, and time them.

Prints, as JSON, the medians in milliseconds: of the whole function, and of its statements in PostgreSQL alone, by
EXPLAIN ANALYZE (planning and execution, without the timing of each step, which would cost more than the step).
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection

from chat.models import Participant, Room
from chat.queries.history import RESUME_CHANGES, history_page, resumed_after
from chat.queries.rooms import room_entries

PAGE = 50
# Runs before the first timed one, to fill caches of the connection.
WARM_UP = 3

Question = Callable[[], object]


def newest_page() -> Question:
    """The newest page of the large room."""
    room = Room.objects.get(slug="room-0")
    return lambda: history_page(room, limit=PAGE)


def older_page() -> Question:
    """A random page of the large room."""
    room = Room.objects.get(slug="room-0")
    return lambda: history_page(room, limit=PAGE, before=random.randint(PAGE + 1, room.last_seq))


def unread_counts() -> Question:
    """The rooms of person0 with their unread counts."""
    user = Participant.objects.get(username="person0")
    return lambda: room_entries(user)


def resume() -> Question:
    """The last changes of the large room."""
    room = Room.objects.get(slug="room-0")
    return lambda: resumed_after(room, room.last_rev - RESUME_CHANGES)


QUESTIONS: dict[str, Callable[[], Question]] = {
    "newest": newest_page,
    "older": older_page,
    "unread": unread_counts,
    "resume": resume,
}


def timed(question: Question, times: int) -> dict[str, float]:
    """The medians of `times` runs."""
    whole, at_server = [], []
    for _ in range(WARM_UP + times):
        statements: list[tuple[str, Any]] = []
        with connection.execute_wrapper(_Recorder(statements)):
            began = time.perf_counter()
            question()
            whole.append((time.perf_counter() - began) * 1e3)
        at_server.append(sum(_explained(sql, parameters) for sql, parameters in statements))
    return {"ms": statistics.median(whole[WARM_UP:]), "server_ms": statistics.median(at_server[WARM_UP:])}


class _Recorder:
    def __init__(self, statements: list[tuple[str, Any]]) -> None:
        self._statements = statements

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._statements.append((sql, params))
        return execute(sql, params, many, context)


def _explained(sql: str, parameters: Any) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", parameters)
        (explained,) = cursor.fetchone()
    plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]
    return float(plan["Planning Time"] + plan["Execution Time"])


if __name__ == "__main__":
    name, times = sys.argv[1:]
    json.dump(timed(QUESTIONS[name](), int(times)), sys.stdout)
